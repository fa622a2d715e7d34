"""The sentences of the SAML page about certificates that came, went or may go."""

from collections.abc import Iterator, Sequence

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.console.moments import exact
from saml.idp_documents.metadata import IdpMetadata
from saml.models import SamlCertificate, SamlSettings
from saml.models.settings import Imported
from saml.pages.state import CertificateGroup


def imported(what: Imported) -> str:
    read = ngettext(
        "The metadata is read: %(count)s certificate is new.",
        "The metadata is read: %(count)s certificates are new.",
        what.added,
    )
    return " ".join([read % {"count": localize(what.added)}, *ended(what.ended)])


def ended(count: int) -> list[str]:
    """The sentence about certificates that ended with a former draft, if there were any."""
    sentence = ngettext(
        "%(count)s certificate of the previous draft is removed.",
        "%(count)s certificates of the previous draft are removed.",
        count,
    )
    return [sentence % {"count": localize(count)}] if count else []


def doubts(found: IdpMetadata) -> Iterator[str]:
    """The warnings about metadata that was read all the same."""
    yield from map(str, found.unusable)
    if found.valid_until and found.is_outdated:
        yield _(
            "The IdP says that this metadata was valid until %(moment)s. "
            "Download it from the IdP again: its certificates may have changed."
        ) % {"moment": exact(found.valid_until)}


def added(certificate: SamlCertificate) -> str:
    if certificate.settings.drafts_another_idp and certificate.idp_entity_id == certificate.settings.draft_entity_id:
        return _("The certificate is added to the draft and comes into force with it.")
    return _("The certificate is trusted from now on.")


def of_discarding(saml: SamlSettings) -> list[str]:
    """The consequences of discarding the draft."""
    count = saml.proposed_certificates.count() if saml.idp_entity_id != saml.draft_entity_id else 0
    removed = ngettext(
        "%(count)s certificate of the draft is also removed.",
        "%(count)s certificates of the draft are also removed.",
        count,
    )
    told = [removed % {"count": localize(count)}] if count else []
    if saml.idp_entity_id:
        told.append(
            _("These values stay in force: %(entity_id)s, %(url)s")
            % {"entity_id": saml.idp_entity_id, "url": saml.idp_sso_url}
        )
    return told


def of_removing(certificate: SamlCertificate, groups: Sequence[CertificateGroup]) -> list[str]:
    """The consequences of removing the certificate, and whether the IdP signs with another one by now."""
    group = next(group for group in groups if certificate in group.certificates)
    others = [one for one in group.certificates if one != certificate]
    return [
        _what_stops(group),
        _last_use(certificate),
        *(_use_of_other(one) for one in others),
        *_advice(certificate, group),
    ]


def _what_stops(group: CertificateGroup) -> str:
    if group.is_live:
        return _("Sign-ins that the IdP signs with its key are refused from now on.")
    return _("Test sign-in of the draft no longer accepts what the IdP signs with its key.")


def _last_use(certificate: SamlCertificate) -> str:
    if certificate.last_used_at is None:
        return _("No sign-in with it is recorded.")
    return _("It was last used to sign in on %(moment)s.") % {"moment": exact(certificate.last_used_at)}


def _use_of_other(other: SamlCertificate) -> str:
    if other.last_used_at is None:
        return _("No sign-in with %(subject)s is recorded.") % {"subject": _named(other)}
    return _("%(subject)s was last used on %(moment)s.") % {
        "subject": _named(other),
        "moment": exact(other.last_used_at),
    }


def _advice(certificate: SamlCertificate, group: CertificateGroup) -> list[str]:
    if certificate.pk in group.safe_to_remove:
        return [_("Another one has been used since: it is safe to remove this one.")]
    if certificate.last_used_at:
        return [
            _("The IdP signed with this certificate last. Remove it only after the IdP has changed to another one.")
        ]
    return []


def _named(certificate: SamlCertificate) -> str:
    """The certificate's subject with the beginning of its fingerprint: renewed ones have the same subject."""
    return f"{certificate.subject} ({certificate.fingerprint[:8]}…)"
