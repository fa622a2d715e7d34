"""The table, first part: the console's pages and what everybody does with their own account."""

from tests.access.row import (
    ANYBODY,
    AUDIT_LOG,
    HERS,
    INVITING,
    LICENCES,
    OWNERS,
    PLACE,
    SETTINGS,
    SOMEBODY,
    SOMEWHERE,
    Row,
)
from tests.access.visitors import ALL, SIGNED_IN, Visitor
from tests.cast import PASSWORD

ADMINISTRATOR, NEIGHBOUR, INVITER = Visitor.ADMINISTRATOR, Visitor.NEIGHBOUR, Visitor.INVITER
NEW_PASSWORD = "new_password1=a lantern over it&new_password2=a lantern over it"
NEWCOMERS = "link-{newcomers_name}={newcomers_link}"
# They belong to the organization, so it is not theirs to leave.
KEPT = dict.fromkeys((Visitor.GUEST, Visitor.MEMBER, Visitor.MANAGED_ADMINISTRATOR), (403, 302))
LEADERS = "Email,Name,Role\nnewbie@{slug}.example,New Bie,ADMIN\n"
PEOPLE = "Email,Name\nnewbie@{slug}.example,New Bie\n"
# Every field remembers what the reader saw; what is the same in both is left alone.
EDITED = (
    "name=Mia Mori&initial-name=Mia Sato&user_name=mia@{slug}.example&initial-user_name=mia@{slug}.example"
    "&email=&initial-email=&language=en&initial-language=en&unique_id=mia&initial-unique_id=mia"
    "&role=USER&initial-role=USER&time_zone=UTC&initial-time_zone=UTC"
)

OWN = [
    Row("home", SOMEBODY, 302),
    Row("profile", SOMEBODY, 200, 302, "Account.theme", form="language=en&theme=dark&time_zone=UTC"),
    Row("personal-token-issue", SOMEWHERE, 200, 200, "+PersonalToken", is_recent=True,
        form="organization={space_key}&name=Monthly&lifetime=90d", but={NEIGHBOUR: (200, 422)}),
    Row("personal-token-revoke", HERS, 200, 302, "PersonalToken.revoked_at", at="token_id={personal}", is_recent=True),
    Row("api-docs", ANYBODY, 200),
    # Nowhere to go on to: tests/api/test_access.py goes on.
    Row("app-sign-in", SOMEBODY, 403),
    Row("own-name", OWNERS, 200, 302, "Account.name", form="name=Another Name", is_recent=True),
    Row("own-address", OWNERS, 200, 302, "+PasswordReset", form="email=another@somewhere.test", is_recent=True),
    # A mailed link takes its secret out of the address; the browser holds it for the page.
    Row("own-address-link", ANYBODY, 302),
    Row("own-address-confirm", HERS, 200, 302, "Account.email +Address", at="name={proof_name}",
        cookie="link-{proof_name}={proof}"),
    Row("own-delete", OWNERS, 200, 302, "-Account", form="confirmation={me}", is_recent=True,
        but={ADMINISTRATOR: (200, 409), NEIGHBOUR: (200, 409)}),
    Row("own-leave", PLACE, 200, 302, "-Member", but=KEPT | {ADMINISTRATOR: (200, 409)}),
    Row("preferences-language", ANYBODY, 405, 302, "Account.language", form="language=ja", does=SIGNED_IN),
    Row("preferences-theme", ANYBODY, 405, 302, "Account.theme", form="theme=dark", does=SIGNED_IN),
    Row("signin", ANYBODY, 302, 302, "+Session", form=f"identifier={{owner_address}}&password={PASSWORD}", does=ALL,
        but=dict.fromkeys((Visitor.ANONYMOUS, Visitor.LEAVER), (200, 302))),
    Row("signin-code", ANYBODY, 302, 302, form="code=123456", does=frozenset()),
    Row("signout", ANYBODY, 405, 302, "-Session", does=SIGNED_IN),
    Row("forgotten-password", ANYBODY, 200, 302, "+PasswordReset", form="email={owner_address}"),
    Row("set-password", ANYBODY, 302),
    Row("set-password-form", ANYBODY, 200, 302, "Account.password", at="name={owner_name}", form=NEW_PASSWORD,
        cookie="link-{owner_name}={uid}/{key}"),
    Row("security", OWNERS, 200, is_recent=True),
    Row("security-password", OWNERS, 200, 302, "Account.password", is_recent=True,
        form=f"current_password={PASSWORD}&{NEW_PASSWORD}"),
    Row("security-authenticator", OWNERS, 200, 200, "+SecondFactor", form="code={code}", is_recent=True,
        but={Visitor.SUPPORT: (302, 302)}),
    Row("security-authenticator-remove", OWNERS, 200, 302, "-SecondFactor", given="second_factors", is_recent=True,
        form=f"current_password={PASSWORD}"),
    Row("security-recovery-codes", OWNERS, 200, 200, "+RecoveryCode", given="second_factors", is_recent=True),
]  # fmt: skip

MEMBERS = [
    Row("start", SETTINGS, 200),
    Row("members", SETTINGS, 200),
    Row("members-export", SETTINGS, 405, 200, "+AuditEvent", is_recent=True),
    Row("member-new", SETTINGS, 200, 302, "+Member +Account",
        form="name=New Bie&email=newbie@{slug}.example&language=en&role=USER"),
    Row("member-new", SETTINGS, 200, 302, "+Member +Account", is_recent_form=True,
        form="name=New Bie&email=newbie@{slug}.example&language=en&role=ADMIN"),
    Row("members-import", SETTINGS, 200, 200, form=f"file=file:{PEOPLE}"),
    Row("members-import-confirm", SETTINGS, 405, 302, "+Member +Account", form=f"content={PEOPLE}"),
    Row("members-import-confirm", SETTINGS, 405, 302, "+Member +Account", form=f"content={LEADERS}",
        is_recent_form=True),
    Row("members-import-template", SETTINGS, 200),
    Row("members-role", SETTINGS, 200, 302, "Member.role", query="member={mia}", form="role=ADMIN",
        is_recent_form=True),
    Row("members-role-restore", SETTINGS, 405, 302, "Member.role", query="GUEST={mia}"),
    Row("members-role-restore", SETTINGS, 405, 302, "Member.role", query="ADMIN={mia}", is_recent_form=True),
    Row("members-licence-assign", SETTINGS, 200, 302, "Member.has_cacoo", query="member={mia}", form="product=cacoo"),
    Row("members-licence-withdraw", SETTINGS, 200, 302, "Member.has_typetalk", query="member={mia}",
        form="product=typetalk"),
    Row("members-deactivate", SETTINGS, 200, 302, "Account.is_active", query="member={mia}", is_dry_run=True),
    Row("members-remove", SETTINGS, 200, 302, "-Member +DeletedAccount", query="member={mia}",
        form="confirmation={slug}", is_dry_run=True),
    Row("member", SETTINGS, 200),
    Row("member-edit", SETTINGS, 200, 302, "Account.name", form=EDITED),
    Row("member-edit", SETTINGS, 200, 302, "Member.role", at="scim_id={owner}", form="role=ADMIN&initial-role=USER",
        is_recent_form=True),
    Row("member-deactivate", SETTINGS, 200, 302, "Account.is_active", is_dry_run=True),
    Row("member-lock-lift", SETTINGS, 405, 302, "-EmergencyLock", at="scim_id={kenji}", given="locked"),
    Row("member-reactivate", SETTINGS, 405, 302, "Account.is_active", at="scim_id={stopped}"),
    Row("member-delete", SETTINGS, 200, 302, "-Member +DeletedAccount", is_dry_run=True),
    Row("member-delete", SETTINGS, 200, 302, "-Member", at="scim_id={owner}", is_dry_run=True),
    Row("member-to-managed", SETTINGS, 200, 302, "Account.type", at="scim_id={owner}", is_dry_run=True),
    Row("member-to-nulab", SETTINGS, 200, 302, "Account.type", is_dry_run=True),
    Row("member-update", SETTINGS, 200, 302, "Account.brought_up_to_date_at", at="scim_id={outdated}", is_dry_run=True),
    Row("member-team-add", SETTINGS, 405, 302, "+TeamMembership", form="team={team}"),
    Row("member-privileges", SETTINGS, 200, 302, "Member.can_invite", form="can_invite=on"),
    Row("member-licence-assign", SETTINGS, 405, 302, "Member.has_cacoo"),
    Row("member-licence-withdraw", SETTINGS, 405, 302, "Member.has_typetalk", at="product=typetalk"),
]  # fmt: skip

ORGANIZATION = [
    Row("licences", LICENCES, 200),
    Row("licences-export", LICENCES, 405, 200, "+AuditEvent", is_recent=True),
    Row("licence-holders", LICENCES, 200),
    Row("licence-holders-export", LICENCES, 405, 200, "+AuditEvent", is_recent=True),
    Row("audit-log", AUDIT_LOG, 200),
    Row("told", AUDIT_LOG, 200),
    Row("audit-log-export", AUDIT_LOG, 405, 200, "+AuditEvent", is_recent=True),
    Row("general", SETTINGS, 200, 302, "Organization.name", form="name=Aozora Studio"),
    Row("general-id", SETTINGS, 200, 302, "Organization.slug", form="slug=aozora-studio&confirmation={slug}"),
    Row("invitations", INVITING, 200),
    Row("invite", INVITING, 200, 302, "+Invitation", form="email=somebody@new.test&role=USER"),
    Row("invite", INVITING, 200, 302, "+Invitation", form="email=somebody@new.test&role=ADMIN", is_recent_form=True,
        but={INVITER: (200, 422)}),
    Row("invitation-resend", INVITING, 405, 302, "Invitation.token_hash", but={INVITER: (405, 404)}),
    Row("invitation-resend", INVITING, 405, 302, "Invitation.token_hash", given="invited_by_inviter"),
    Row("invitation-withdraw", INVITING, 405, 302, "-Invitation", but={INVITER: (405, 404)}),
    Row("invitation-withdraw", INVITING, 405, 302, "-Invitation", given="invited_by_inviter"),
    Row("invitation", ANYBODY, 302),
    Row("invitation-opened", ANYBODY, 200, at="name={newcomers_name}", cookie=NEWCOMERS),
    Row("invitation-accept", ANYBODY, 405, 200, "+Member -Invitation", at="name={formers_name}",
        cookie="link-{formers_name}={formers_link}", given="invited",
        but={Visitor.FORMER: (405, 302)}, does=frozenset({Visitor.FORMER})),
    Row("invitation-join", ANYBODY, 405, 302, "+Account +Member -Invitation", at="name={newcomers_name}",
        form="name=New Comer&password=a lantern over it", cookie=NEWCOMERS),
    Row("teams", SETTINGS, 200),
    Row("team-create", SETTINGS, 200, 302, "+Team", form="name=Design"),
    Row("team", SETTINGS, 200),
    Row("team-rename", SETTINGS, 200, 302, "Team.name", form="name=Platform 2"),
    Row("team-delete", SETTINGS, 200, 302, "-Team"),
    Row("team-add", SETTINGS, 200),
    Row("team-member-add", SETTINGS, 405, 302, "+TeamMembership"),
    Row("team-member-remove", SETTINGS, 405, 302, "-TeamMembership", at="scim_id={kenji}"),
    Row("team-rules", SETTINGS, 200),
    Row("team-rule-add", SETTINGS, 200, 302, "+TeamRule", query="team={team}&gives=USER", is_dry_run=True),
    Row("team-rule-add", SETTINGS, 200, 302, "+TeamRule", query="team={ruled}&gives=ADMIN", is_dry_run=True,
        is_recent_form=True),
    Row("team-rule-move", SETTINGS, 200, 302, "TeamRule.place", at="team_id={ruled}", query="to=1", is_dry_run=True),
    Row("team-rule-move", SETTINGS, 200, 302, "TeamRule.place", at="team_id={ruled}&gives=USER", query="to=2",
        is_dry_run=True, is_recent_form=True),
    Row("team-rule-delete", SETTINGS, 200, 302, "-TeamRule", at="team_id={ruled}", is_dry_run=True),
    Row("team-rules-continue", SETTINGS, 405, 302, "-Unmet", given="waiting"),
    Row("domains", SETTINGS, 200),
    Row("domain-add", SETTINGS, 405, 302, "+Domain", form="name=third.example"),
    Row("domain-verify", SETTINGS, 405, 302, "Domain.verified_at"),
    Row("domain-remove", SETTINGS, 200, 302, "-Domain", at="name={spare}"),
]  # fmt: skip
