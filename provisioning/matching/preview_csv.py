"""The preview as a file: everybody in the list, what happens and what to do about it; then who is not in it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from members.models import Member
from provisioning.matching.preview import Preview, Verdict

BATCH = 500


def header() -> list[str]:
    return [
        _("Line in the list"), _("Sign-in address"), _("Name"), _("Email"), "externalId", _("Status"), _("Result"),
        _("What happens"), _("What to do"), _("Account here"), _("Account type"), _("Role"), _("Teams"),
        _("Role afterwards"), _("Licences afterwards"), _("Not met"),
    ]  # fmt: skip


def batches(preview: Preview) -> Iterator[list[Verdict] | list[Member]]:
    verdicts = preview.ordered
    for start in range(0, len(verdicts), BATCH):
        yield verdicts[start : start + BATCH]
    yield from preview.absent_in_batches(BATCH)


def row_of(one: Verdict | Member) -> list[str | int]:
    return _in_list(one) if isinstance(one, Verdict) else _absent(one)


def _in_list(verdict: Verdict) -> list[str | int]:
    person, member = verdict.person, verdict.member
    state = person.unclear.figures["value"] if person.unclear else _("Active") if person.is_active else _("Inactive")
    return [
        person.line, person.user_name, person.name, person.email, person.external_id, state, str(verdict.outcome.label),
        verdict.sentence, _what_to_do(verdict), member.account.name if member else "",
        member.account.get_type_display() if member else "", person.role, person.teams or "",
        *_rights(verdict),
    ]  # fmt: skip


def _rights(verdict: Verdict) -> tuple[str, str, str]:
    rights = verdict.rights
    if rights is None:
        return "", "", ""
    unmet = (str(one.refusal) for one in rights.by_rules if one.refusal)
    return str(rights.role.label), ", ".join(one.label for one in rights.licences), " ".join(unmet)


def _what_to_do(verdict: Verdict) -> str:
    if not verdict.remedy:
        return ""
    places = "; ".join(f"{place.idp}: {place.screen}" for place in verdict.remedy.places)
    return f"{verdict.remedy.action} {places}".strip()


def _absent(member: Member) -> list[str | int]:
    account = member.account
    return [
        "", account.user_name, account.name, account.email, member.external_id or "",
        _("Active") if account.is_active else _("Inactive"), _("Here, but not in the list"),
        _("Nothing: the IdP does not touch the account."), _("If the person has left, deactivate the account."),
        account.name, account.get_type_display(), "", "", "", "", "",
    ]  # fmt: skip
