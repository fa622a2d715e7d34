"""Values that cannot be stored, whichever door they came through."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue


class UserNameMissing(InvalidValue):
    code = "user_name_missing"
    sentence = _("userName is required. Map it to the person's e-mail address in the identity provider.")
    by_hand = _("Enter the person's e-mail address.")


class NameMissing(InvalidValue):
    code = "name_missing"
    sentence = _("Enter a name.")


class InvalidText(InvalidValue):
    code = "invalid_text"
    sentence = _("“%(field)s” contains characters that cannot be stored. Remove control characters from it.")
    by_hand = _("This contains characters that cannot be stored. Remove control characters from it.")


class TextTooLong(InvalidValue):
    code = "text_too_long"
    sentence = _("“%(field)s” is longer than %(most)s characters. Shorten it.")
    by_hand = _("This is longer than %(most)s characters. Shorten it.")


class NotAnAddress(InvalidValue):
    code = "not_an_address"
    sentence = _("“%(value)s” is not an e-mail address. Map %(field)s to the person's e-mail address.")
    by_hand = _("“%(value)s” is not an e-mail address. Enter one such as name@example.com.")


class DomainNotVerified(InvalidValue):
    code = "domain_not_verified"
    sentence = _(
        "The e-mail domain “%(domain)s” is not verified for this organization. "
        "Verify it under Organization Settings › Domains, or use an address in a verified domain."
    )
    mended_at = "domains"


class DomainNotInAscii(DomainNotVerified):
    """A verified domain, written otherwise than it is kept: two addresses would be one."""

    code = "domain_not_in_ascii"
    sentence = _(
        "The e-mail domain “%(domain)s” is verified as “%(ascii)s”, as DNS knows it. Send the address with the domain "
        "written so."
    )
    by_hand = _(
        "The e-mail domain “%(domain)s” is verified as “%(ascii)s”, as DNS knows it. Write the address with that "
        "domain."
    )


class InvalidUniqueId(InvalidValue):
    code = "invalid_unique_id"
    sentence = _("“%(unique_id)s” cannot be a Unique ID: use 2 to 50 of the letters a–z, digits, “.”, “_” and “-”.")


class InvalidRole(InvalidValue):
    code = "invalid_role"
    sentence = _("“%(value)s” is not a role. Send one of ADMIN, USER and GUEST.")
    by_hand = _("“%(value)s” is not a role. Write Administrator, Member or Guest.")


class InvalidLanguage(InvalidValue):
    code = "invalid_language"
    sentence = _("“%(value)s” is not a language of this site. Choose English or Japanese.")
    by_hand = _("“%(value)s” is not a language of this site. Write English or Japanese.")


class InvalidTimeZone(InvalidValue):
    code = "invalid_time_zone"
    sentence = _("“%(value)s” is not an IANA time zone name such as Asia/Tokyo.")


class InvalidOrganizationId(InvalidValue):
    code = "invalid_organization_id"
    sentence = _(
        "“%(slug)s” cannot be an organization ID: use 3 to 20 lowercase letters, digits and hyphens, "
        "with a letter or digit at both ends."
    )


class InvalidDomain(InvalidValue):
    code = "invalid_domain"
    sentence = _("“%(domain)s” is not a mail domain such as example.com.")
