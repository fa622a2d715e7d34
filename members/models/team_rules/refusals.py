"""Team rules that cannot be."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class RuleIsThere(Refusal):
    code = "team_rule_is_there"
    sentence = _("There is already such a rule for the team “%(team)s”.")


class TooManyRules(Refusal):
    code = "too_many_team_rules"
    sentence = _("An organization has at most %(most)s team rules. Delete one first.")


class RuleNotAsShown(Refusal):
    code = "team_rule_not_as_shown"
    sentence = _("Something has changed since this was shown, so nothing was done. This is how it is now.")
