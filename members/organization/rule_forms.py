from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.models.team_rules.brought import Gives
from members.people.forms import team_field


class RuleForm(forms.Form):
    gives = forms.ChoiceField(label=_("Its members have"), choices=Gives.choices, initial=Gives.USER)
    field_order = ("team", "gives")

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        teams = organization.teams.order_by("name_key")
        self.fields["team"] = team_field(teams, label=_("Team"))
        self.order_fields(self.field_order)
