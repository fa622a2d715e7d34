from django.urls import path, register_converter
from django.urls.converters import StringConverter

from members.organization import domains, first_steps, general, licences, team_rules, teams


class DomainName(StringConverter):
    regex = "[a-z0-9.-]{1,253}"


register_converter(DomainName, "domain")

TEAMS = "spaces/<str:space_key>/teams"
RULES = f"{TEAMS}/rules"
RULE = f"{RULES}/<uuid:team_id>/<str:gives>"
TEAM = f"{TEAMS}/<uuid:team_id>"
DOMAINS = "spaces/<str:space_key>/domains"

urlpatterns = [
    path("spaces/<str:space_key>", first_steps.start, name="start"),
    path("spaces/<str:space_key>/licences", licences.overview, name="licences"),
    path("spaces/<str:space_key>/licences/export", licences.export, name="licences-export"),
    path("spaces/<str:space_key>/licences/<str:product>", licences.holders, name="licence-holders"),
    path(
        "spaces/<str:space_key>/licences/<str:product>/export", licences.export_holders, name="licence-holders-export"
    ),
    path("spaces/<str:space_key>/general", general.general, name="general"),
    path("spaces/<str:space_key>/general/id", general.change_id, name="general-id"),
    path(TEAMS, teams.teams, name="teams"),
    path(f"{TEAMS}/create", teams.create, name="team-create"),
    path(RULES, team_rules.rules, name="team-rules"),
    path(f"{RULES}/add", team_rules.add, name="team-rule-add"),
    path(f"{RULES}/continue", team_rules.continue_now, name="team-rules-continue"),
    path(f"{RULE}/move", team_rules.move, name="team-rule-move"),
    path(f"{RULE}/delete", team_rules.delete, name="team-rule-delete"),
    path(TEAM, teams.team, name="team"),
    path(f"{TEAM}/rename", teams.rename, name="team-rename"),
    path(f"{TEAM}/delete", teams.delete, name="team-delete"),
    path(f"{TEAM}/add", teams.add, name="team-add"),
    path(f"{TEAM}/members/<uuid:scim_id>/add", teams.add_member, name="team-member-add"),
    path(f"{TEAM}/members/<uuid:scim_id>/remove", teams.remove_member, name="team-member-remove"),
    path(DOMAINS, domains.domains, name="domains"),
    path(f"{DOMAINS}/add", domains.add, name="domain-add"),
    path(f"{DOMAINS}/<domain:name>/verify", domains.verify, name="domain-verify"),
    path(f"{DOMAINS}/<domain:name>/remove", domains.remove, name="domain-remove"),
]
