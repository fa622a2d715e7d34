"""The link that proves a new address: signed, good for a day, and void once the address has changed."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from members import mail
from members.models import Account

GOOD_FOR = 24 * 3600
SALT = "members.address_links"


def send(account: Account, email: str) -> None:
    """To the new address; whether somebody has it already is told to its reader only."""
    proof = signing.dumps([account.pk, account.user_name, email], salt=SALT)
    link = f"{settings.BASE_URL}{reverse('own-address-link', args=[proof])}"
    mail.to_address(email, account, "confirm_address", account=account, email=email, link=link)


def is_good(proof: str) -> bool:
    """Signed here, not too old, not used. Whether its reader is the one whom it is for, `read` says."""
    content = _content(proof)
    return content is not None and Account.objects.filter(pk=content[0], user_name=content[1]).exists()


def read(account: Account, proof: str) -> str | None:
    """The new address that the link proves, or None where it proves nothing for this account now."""
    content = _content(proof)
    return content[2] if content and content[:2] == (account.pk, account.user_name) else None


def _content(proof: str) -> tuple[int, str, str] | None:
    """Whose it is, the address so far, the new one."""
    try:
        pk, former, email = signing.loads(proof, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(pk), str(former), str(email)
