"""Looking TXT records up; settings.TXT_LOOKUP names the function in use."""

from threading import Semaphore

from django.conf import settings
from django.utils.module_loading import import_string

from members import dns_refusals as refusals

# Seconds for one look-up, with all retries.
MAX_SECONDS = 2
# One look-up at a time in each process: a slow name server holds one thread, the others serve on.
_lookups = Semaphore(1)


def look_up(domain: str) -> list[str]:
    """The TXT records of a domain; none when DNS does not answer in time. Raises DnsBusy."""
    if not _lookups.acquire(blocking=False):
        raise refusals.DnsBusy
    try:
        found: list[str] = import_string(settings.TXT_LOOKUP)(domain)
        return found
    finally:
        _lookups.release()


def records(domain: str) -> list[str]:
    # Two MiB, which few processes ever need.
    import dns.resolver

    try:
        answer = dns.resolver.resolve(domain, "TXT", lifetime=MAX_SECONDS)
    except dns.exception.DNSException:
        return []
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]
