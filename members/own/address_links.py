"""The link that proves a new address: signed, good for a day, and void once the address has changed."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from members import mail
from members.keys import key_of
from members.models import Account, Address

GOOD_FOR = 24 * 3600
SALT = "members.address_links"


def send(account: Account, email: str) -> None:
    """Mail the link to the new address. Only its reader learns whether somebody has it already."""
    link = f"{settings.BASE_URL}{reverse('own-address-link', args=[proof_of(account, email)])}"
    mail.to_address(email, account, "confirm_address", account=account, email=email, link=link)


def proof_of(account: Account, email: str) -> str:
    """The part of the link that proves the address: signed, for this account as it is now."""
    return signing.dumps([account.pk, account.user_name, email, _since(account)], salt=SALT)


def is_good(proof: str) -> bool:
    """Whether the link is signed here, not too old and not used. `read` says whether it is for its reader."""
    content = _content(proof)
    account = Account.objects.filter(pk=content[0]).first() if content else None
    return account is not None and read(account, proof) is not None


def read(account: Account, proof: str) -> str | None:
    """The new address that the link proves, or None where it proves nothing for this account now."""
    content = _content(proof)
    if content is None or content[:2] != (account.pk, account.user_name):
        return None
    return content[2] if content[3] == _since(account) else None


def _since(account: Account) -> int | None:
    """The row by which the account has its address: another one after every change, also when it comes back to it."""
    rows = Address.objects.filter(account=account, scope=account.scope, key=key_of(account.user_name))
    return rows.values_list("pk", flat=True).first()


def _content(proof: str) -> tuple[int, str, str, int] | None:
    """The link's account, the address so far, the new one, and the row of the address so far."""
    try:
        pk, former, email, since = signing.loads(proof, salt=SALT, max_age=GOOD_FOR)
        return int(pk), str(former), str(email), int(since)
    except (signing.BadSignature, ValueError, TypeError):
        return None
