"""Looking TXT records up; settings.TXT_LOOKUP names the function in use."""

import dns.exception
import dns.resolver


def records(domain: str) -> list[str]:
    """The TXT records of a domain; none when DNS does not answer within five seconds."""
    try:
        answer = dns.resolver.resolve(domain, "TXT", lifetime=5)
    except dns.exception.DNSException:
        return []
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]


def demo_records(domain: str) -> list[str]:
    """The demo's DNS: whatever code is asked of a reserved .example domain stands there; the rest is looked up."""
    from members.models import Domain

    if not domain.endswith(".example"):
        return records(domain)
    return [waiting.txt_record for waiting in Domain.objects.filter(name=domain)]
