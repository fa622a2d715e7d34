"""Invitations that cannot be sent or accepted."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal, Taken


class NoInvitationsInSandbox(Refusal):
    code = "no_invitations_in_sandbox"
    sentence = _("A sandbox sends no mail and only its administrators are real people, so no one can be invited to it.")


class MayNotInvite(Refusal):
    code = "may_not_invite"
    sentence = _(
        "Your role does not allow you to invite people. Administrators can invite with every role; members with the "
        "privilege “Invite users” can invite members and guests."
    )


class TeamMakesAdministrators(Refusal):
    code = "team_makes_administrators"
    sentence = _(
        "A rule makes the people of one of these teams administrators, so only administrators can invite people to it. "
        "Choose other teams, or ask an administrator."
    )


class InvitedAlready(Taken):
    code = "invited_already"
    sentence = _("%(email)s is already invited. Send the invitation again, or withdraw it first.")
    mended_at = "invitations"


class TooManyInvitations(Refusal):
    code = "too_many_invitations"
    sentence = _("%(most)s invitations are open, which is the limit. Withdraw those that are no longer needed.")
    mended_at = "invitations"


class TooManyMails(Refusal):
    code = "too_many_mails"
    sentence = _("%(most)s invitations were sent within the last hour, which is the limit. Try again later.")


class TooSoon(Refusal):
    code = "too_soon"
    sentence = _("The last email to %(email)s was sent less than a minute ago. Wait a minute, then send it again.")


class InvitationIsOver(Refusal):
    code = "invitation_is_over"
    sentence = _(
        "This invitation has been accepted or withdrawn, or the person who sent it can no longer invite. Ask an "
        "administrator of the organization for a new one."
    )


class InviterLeft(Refusal):
    code = "inviter_left"
    sentence = _("%(inviter)s can no longer invite people with this role. Withdraw the invitation and send a new one.")
