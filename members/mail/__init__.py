"""The readers of each mail. Mails are put into the outbox within the change; a sandbox sends none to its members."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from members.mail.letters import Reader, Reason, write_each
from members.openings import KEEPS_SILENT

if TYPE_CHECKING:
    from members.models import Account, AuditEvent, Organization, Outgoing


def to_accounts(organization: "Organization", story: str, to: Iterable["Account"], **context: Any) -> None:
    """Send templates/mail/STORY.txt, whose first line is the subject, to each of the accounts."""
    if not organization.is_sandbox:
        readers = [Reader.of(account, Reason.MEMBER) for account in to]
        post(story, readers, {"organization": organization, **context})


def to_owner(account: "Account", story: str, **context: Any) -> None:
    """Send a mail about the account itself to its owner."""
    post(story, [Reader.of(account, Reason.OWNER)], {"account": account, **context})


def to_administrators(
    organization: "Organization",
    story: str,
    *,
    also: Iterable["Account"] = (),
    about: "Account | None" = None,
    **context: Any,
) -> None:
    """Send a mail to the active administrators, and to `also`, who has just stopped being one.

    The member whom it is `about` gets it only if there is no other administrator.
    """
    if not organization.is_sandbox:
        readers = administrators(organization, also=also)
        others = [reader for reader in readers if about is None or reader != Reader.of(about, Reason.ADMINISTRATOR)]
        post(story, others or readers, {"organization": organization, **context})


def to_all_administrators(row: "AuditEvent", page: str, *more: str, also: Iterable["Account"] = ()) -> None:
    """Tell them what an audit row says; `page` is where they look into it, and undo what they did not expect.

    Within members.mail.one_mail.of_one_act what they are told becomes one mail.
    """
    from members.mail import one_mail

    if row.organization.is_sandbox:
        return
    context = {"organization": row.organization, "row": row, "link": address_of(page, row.organization, *more)}
    readers = administrators(row.organization, also=also)
    if act := one_mail.current():
        act.tell(readers, context)
    else:
        post("notice", readers, context)


def administrators(organization: "Organization", *, also: Iterable["Account"] = ()) -> list[Reader]:
    """The active administrators and those in `also`, once each."""
    places = organization.members.administrators().select_related("account")
    concerned = {account.pk: Reader.of(account, Reason.MEMBER) for account in also}
    active = {place.account_id: Reader.of(place.account, Reason.ADMINISTRATOR) for place in places}
    return list((concerned | active).values())


def address_of(page: str, organization: "Organization", *more: str) -> str:
    """The absolute address of a page of the organization."""
    return f"{settings.BASE_URL}{reverse(page, args=[organization.space_key, *more])}"


def own_page(page: str) -> str:
    """The absolute address of a page that everybody has."""
    return f"{settings.BASE_URL}{reverse(page)}"


def meanwhile(account: "Account | None", story: str, **context: Any) -> None:
    """Send to the account, or to nobody at the same cost: a stranger must not tell by the time whether there is one."""
    if account is None:
        post(story, [Reader("", "", "en", "UTC", Reason.OWNER)], context)
    else:
        to_owner(account, story, **context)


def to_address(
    address: str,
    like: "Account | None",
    story: str,
    *,
    greet: "Account | None" = None,
    reason: Reason = Reason.ADDRESS,
    **context: Any,
) -> None:
    """Send to an address, in the language and time zone of `like`.

    Greeted by name if it is known whose address it is: `greet`, or the account that the mail is about.
    """
    greet = greet or context.get("account")
    language, zone = (like.language, like.time_zone) if like else ("en", "UTC")
    post(story, [Reader(address, greet.name if greet else "", language, zone, reason)], context)


def post(story: str, readers: Iterable[Reader], context: dict[str, Any], **fields: Any) -> "list[Outgoing]":
    """Write the mails, in the transaction of the change that they tell of."""
    from members.models import Outgoing

    if any(KEEPS_SILENT.ask()):
        return []
    nobody = {"recipient": "", "state": Outgoing.State.SENT, "ended_at": timezone.now()}
    return Outgoing.objects.post(
        Outgoing(
            organization=context.get("organization"), story=story, sealed=letter.seal(),
            **({"recipient": reader.address} if reader.address else nobody), **fields,
        )
        for reader, letter in write_each(story, readers, context)
    )  # fmt: skip


def set_password_link(account: "Account") -> str:
    """A link that sets a password once, within three days: its token dies with the password that it replaces."""
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    token = default_token_generator.make_token(account)
    return f"{settings.BASE_URL}{reverse('set-password', args=[uid, token])}"


def sign_in_link(organization: "Organization") -> str:
    """The address of the organization's IdP sign-in; the sign-in page while SAML is off."""
    from members.single_sign_on import sign_in_address

    return f"{settings.BASE_URL}{sign_in_address(organization) or reverse('signin')}"
