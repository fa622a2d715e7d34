"""The openings of this app for the apps above it, each with its question and answer.

An app that answers registers its functions when it starts (AppConfig.ready). SAML's own opening is in saml/openings.py.
"""

from typing import TYPE_CHECKING

from members.hooks import Hook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    from django.db.models import OuterRef, QuerySet
    from django.http import HttpRequest

    from members.actors import Actor
    from members.console.checklist import Step
    from members.console.navigation import Banner, Entry
    from members.getting_started import Headline
    from members.mail.reminders import Reminder
    from members.marks import Mark
    from members.models import Account, Domain, Member, Organization
    from members.models.change import Change
    from members.panels import Panel
    from members.texts import Text
    from members.words import Words

# -- rules: an answer may be to raise a Refusal. Asked inside the change's transaction, the organization locked; pages
#    ask as well, to say so before anybody tries.

# A member stops being an active administrator here: demoted, deactivated, deleted or removed.
LEAVES_ADMINISTRATION: "Hook[[Member, Actor], None]" = Hook()
# A Nulab Account administrator stops being one, also by becoming a Managed Account.
LEAVES_EMERGENCY: "Hook[[Member, Actor], None]" = Hook()
# Somebody other than the IdP switches an inactive account on.
REACTIVATES: "Hook[[Member, Actor], None]" = Hook()
# A verified domain is about to go.
REMOVES_DOMAIN: "Hook[[Domain, Actor], None]" = Hook()

# -- each change, a deletion too: docs/decisions/0018

# Before a change: all of it is known and none of it recorded. A Refusal undoes it.
BEFORE_CHANGE: "Hook[[Change], None]" = Hook()
# After a change: it is done and recorded, within its transaction.
AFTER_CHANGE: "Hook[[Change], None]" = Hook()
# Members, by their keys, are in other teams than before: told within the transaction, once for all whom one verb moved.
TEAMS_CHANGED: "Hook[[Organization, Collection[int], Actor], None]" = Hook()
# All changes of a transaction that stand, at its very end: only what waits to be written comes after it.
BEFORE_COMMIT: "Hook[[Sequence[Change]], None]" = Hook()

# Rows of an app above about the member with this key, by a name: whether there are any is read with a member that is
# to be changed, for Known.has.
ABOUT_MEMBER: "Hook[[OuterRef], tuple[str, QuerySet[Any]]]" = Hook()

# -- old rows

# Rows of an app above `prune`, deleted when they have been kept long enough; how many there were, by name.
OLD_ROWS: "Hook[[], dict[str, int]]" = Hook()

# -- words

# An app's audit events, and the words for their values.
WORDS: "Hook[[], Words]" = Hook()
# Titles of an organization's pages beside those in the sidebar, by the name of their URL.
PAGE_NAMES: "Hook[[], dict[str, Text]]" = Hook()

# -- the frame and its pages

SIDEBAR: "Hook[[], Entry]" = Hook()
# Banners of things to be done, for administrators on every page.
BANNERS: "Hook[[Organization], list[Banner]]" = Hook()
# More on the sign-in page, below its form.
BELOW_SIGN_IN: "Hook[[HttpRequest], Panel | None]" = Hook()
# More on the own profile.
BELOW_PROFILE: "Hook[[Account], Panel | None]" = Hook()
# Steps of Get started; None leaves one out, as a sandbox does with what it waives.
FIRST_STEPS: "Hook[[Organization], Step | None]" = Hook()
# State of what has been set up.
HEADLINE: "Hook[[Organization], Headline]" = Hook()
# More on Get started, below its steps.
BELOW_FIRST_STEPS: "Hook[[Organization], Panel | None]" = Hook()
# Badges beside a member's name, by the member's pk; asked once for all members of a page.
MARKS: "Hook[[list[Member]], Iterable[tuple[int, Mark]]]" = Hook()
# Fields, named as on the member page, that the organization's IdP has ever sent.
KEPT_FIELDS: "Hook[[Organization], set[str]]" = Hook()
# More on the page of a member, below its history.
BELOW_MEMBER: "Hook[[Member], Panel | None]" = Hook()
# The address of the page that lists the IdP's calls about a member.
CALLS_ABOUT: "Hook[[Member], str]" = Hook()

# -- signing in

# The address on this site that sends a browser on to the organization's IdP; None where it cannot.
SIGN_IN_ADDRESS: "Hook[[Organization], str | None]" = Hook()

# -- mails

# Things that expire, and when the administrators are reminded of them.
REMINDERS: "Hook[[], Reminder]" = Hook()
# Whether changes of now are to be mailed to nobody.
KEEPS_SILENT: "Hook[[], bool]" = Hook()
