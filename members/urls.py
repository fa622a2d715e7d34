from django.urls import path, register_converter
from django.urls.converters import StringConverter

from members import preferences, signin
from members.views import (
    audit_log,
    bulk,
    domains,
    general,
    invitations,
    licences,
    member,
    member_changes,
    members,
    newcomers,
    own,
    own_account,
    passwords,
    security,
    signin_code,
    start,
    teams,
)


class DomainName(StringConverter):
    regex = "[a-z0-9.-]{1,253}"


register_converter(DomainName, "domain")

MEMBERS = "spaces/<str:space_key>/members"
MEMBER = f"{MEMBERS}/<uuid:scim_id>"
INVITATIONS = "spaces/<str:space_key>/invitations"
TEAMS = "spaces/<str:space_key>/teams"
TEAM = f"{TEAMS}/<uuid:team_id>"
DOMAINS = "spaces/<str:space_key>/domains"

urlpatterns = [
    path("", own.home, name="home"),
    path("profile", own.profile, name="profile"),
    path("profile/name", own_account.name, name="own-name"),
    path("profile/address", own_account.address, name="own-address"),
    path("profile/address/<str:proof>", own_account.open_address_link, name="own-address-link"),
    path("profile/address/open/<slug:name>", own_account.confirm_address, name="own-address-confirm"),
    path("profile/delete", own_account.delete, name="own-delete"),
    path("profile/organizations/<str:space_key>/leave", own_account.leave, name="own-leave"),
    path("signin", signin.signin, name="signin"),
    path("signout", signin.signout, name="signout"),
    path("signin/code", signin_code.code, name="signin-code"),
    path("signin/forgotten", passwords.forgotten, name="forgotten-password"),
    path("set-password/open/<slug:name>", passwords.set_password, name="set-password-form"),
    path("set-password/<str:uid>/<str:token>", passwords.open_link, name="set-password"),
    path("profile/security", security.overview, name="security"),
    path("profile/security/password", security.password, name="security-password"),
    path("profile/security/authenticator", security.authenticator, name="security-authenticator"),
    path("profile/security/authenticator/remove", security.remove_authenticator, name="security-authenticator-remove"),
    path("profile/security/recovery-codes", security.recovery_codes, name="security-recovery-codes"),
    path("preferences/language", preferences.language, name="preferences-language"),
    path("preferences/theme", preferences.theme, name="preferences-theme"),
    path("spaces/<str:space_key>", start.start, name="start"),
    path(MEMBERS, members.members, name="members"),
    path(f"{MEMBERS}/export", members.export, name="members-export"),
    path(f"{MEMBERS}/new", newcomers.create, name="member-new"),
    path(f"{MEMBERS}/import", newcomers.upload, name="members-import"),
    path(f"{MEMBERS}/import/confirm", newcomers.confirm, name="members-import-confirm"),
    path(f"{MEMBERS}/import/template", newcomers.template, name="members-import-template"),
    path(f"{MEMBERS}/role", bulk.change_role, name="members-role"),
    path(f"{MEMBERS}/role/restore", bulk.restore_roles, name="members-role-restore"),
    path(f"{MEMBERS}/licences/assign", bulk.assign_licence, name="members-licence-assign"),
    path(f"{MEMBERS}/licences/withdraw", bulk.withdraw_licence, name="members-licence-withdraw"),
    path(f"{MEMBERS}/deactivate", bulk.deactivate, name="members-deactivate"),
    path(f"{MEMBERS}/remove", bulk.remove, name="members-remove"),
    path(MEMBER, member.member, name="member"),
    path(f"{MEMBER}/edit", member.edit, name="member-edit"),
    path(f"{MEMBER}/deactivate", member_changes.deactivate, name="member-deactivate"),
    path(f"{MEMBER}/reactivate", member_changes.reactivate, name="member-reactivate"),
    path(f"{MEMBER}/lock/lift", member_changes.lift_lock, name="member-lock-lift"),
    path(f"{MEMBER}/delete", member_changes.delete, name="member-delete"),
    path(f"{MEMBER}/type/managed", member_changes.to_managed, name="member-to-managed"),
    path(f"{MEMBER}/type/nulab", member_changes.to_nulab, name="member-to-nulab"),
    path(f"{MEMBER}/update", member_changes.update, name="member-update"),
    path(f"{MEMBER}/teams/add", member_changes.add_to_team, name="member-team-add"),
    path(f"{MEMBER}/privileges", member_changes.privileges, name="member-privileges"),
    path(f"{MEMBER}/licences/<str:product>/assign", member_changes.assign_licence, name="member-licence-assign"),
    path(f"{MEMBER}/licences/<str:product>/withdraw", member_changes.withdraw_licence, name="member-licence-withdraw"),
    path("spaces/<str:space_key>/licences", licences.overview, name="licences"),
    path("spaces/<str:space_key>/licences/<str:product>", licences.holders, name="licence-holders"),
    path("spaces/<str:space_key>/audit-log", audit_log.overview, name="audit-log"),
    path("spaces/<str:space_key>/audit-log/export", audit_log.export, name="audit-log-export"),
    path("spaces/<str:space_key>/general", general.general, name="general"),
    path("spaces/<str:space_key>/general/id", general.change_id, name="general-id"),
    path("invitations/<str:secret>", invitations.open_link, name="invitation"),
    path("invitations/open/<slug:name>", invitations.invitation, name="invitation-opened"),
    path("invitations/open/<slug:name>/accept", invitations.accept, name="invitation-accept"),
    path("invitations/open/<slug:name>/join", invitations.join, name="invitation-join"),
    path(INVITATIONS, invitations.invitations, name="invitations"),
    path(f"{INVITATIONS}/new", invitations.invite, name="invite"),
    path(f"{INVITATIONS}/<int:number>/resend", invitations.resend, name="invitation-resend"),
    path(f"{INVITATIONS}/<int:number>/withdraw", invitations.withdraw, name="invitation-withdraw"),
    path(TEAMS, teams.teams, name="teams"),
    path(f"{TEAMS}/create", teams.create, name="team-create"),
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
