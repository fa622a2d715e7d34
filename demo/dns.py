"""The demo's DNS, which settings.TXT_LOOKUP names while DEBUG is on: it needs no network."""

from members.dns import records
from members.models import Domain


def txt_records(domain: str) -> list[str]:
    """The code that is asked of a reserved .example domain stands there; the rest is looked up."""
    if not domain.endswith(".example"):
        return records(domain)
    return [waiting.txt_record for waiting in Domain.objects.filter(name=domain)]
