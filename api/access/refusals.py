"""Reasons for which somebody may not use an app. Answered with 200: the question was a good one."""

from django.utils.translation import gettext_lazy as _

from api.wire.refusals import ApiRefusal
from members.refusals import Refusal


class NotAMember(Refusal):
    code = "not_a_member"
    sentence = _("This organization has no member like this. An administrator can invite or add the person.")


class SessionIsOver(Refusal):
    code = "session_is_over"
    sentence = _("This session has ended. Sign in again.")


class IsInactive(Refusal):
    code = "member_is_inactive"
    sentence = _("This account is inactive. Ask an administrator of the organization that manages it.")


class IsLocked(Refusal):
    code = "member_is_locked"
    sentence = _("This account is locked by an administrator of the organization. Ask one of them.")


class HasNoLicence(Refusal):
    code = "has_no_licence"
    sentence = _("This member has no %(product)s licence. An administrator can assign one.")


class InSandbox(Refusal):
    code = "in_sandbox"
    sentence = _("This organization is a sandbox: only its administrators with a Nulab Account can use the apps.")


# -- questions that cannot be answered


class AnotherApp(ApiRefusal):
    status = 403
    code = "another_app"
    sentence = _("This key belongs to %(app)s, so it can ask about %(app)s only.")


class NameTheApp(ApiRefusal):
    code = "name_the_app"
    sentence = _("A personal access token belongs to no app: say in “app” which one is meant.")


class NameOnePerson(ApiRefusal):
    code = "name_one_person"
    sentence = _("Say who is meant with exactly one of: %(choices)s.")


class OnlyForApps(ApiRefusal):
    status = 403
    code = "only_for_apps"
    sentence = _("Sessions belong to the apps: this takes an app's key, not a personal access token.")


class BadCode(ApiRefusal):
    status = 409
    code = "bad_code"
    sentence = _("This code has been used, is older than a minute, or was made for another app or address.")
