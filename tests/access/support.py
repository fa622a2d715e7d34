"""The table, third part: the Django admin. Support staff read everything and change through the verbs."""

from tests.access.row import SUPPORT, SUPPORT_DOOR, Row


def model(name: str, row: str, *, add: int = 403, change: int = 403, history: int = 302) -> list[Row]:
    """What every model has; `add` and `change` are what filling in their forms comes to."""
    at = f"object_id={row}"
    pages = [
        Row(f"admin:{name}_changelist", SUPPORT, 200, 200),
        Row(f"admin:{name}_history", SUPPORT, history, history, at=at),
        Row(f"admin:{name}_delete", SUPPORT, 403, 403, at=at, form="post=yes"),
        # Django's former address of the page.
        Row(f"admin:admin/{name.replace('_', '/')}/<path:object_id>/", SUPPORT, 302, 302, at=at),
    ]
    if add == 403:
        pages.append(Row(f"admin:{name}_add", SUPPORT, 403, 403))
    if change == 403:
        pages.append(Row(f"admin:{name}_change", SUPPORT, 200, 403, at=at))
    return pages


def action(name: str, what: str, row: str, changes: str, *, given: str = "") -> Row:
    form = f"action={what}&_selected_action={row}"
    return Row(f"admin:{name}_changelist", SUPPORT, 200, 302, changes, form=form, given=given)


ADMIN = [
    Row("admin:index", SUPPORT, 200, 200),
    Row("admin:login", SUPPORT_DOOR, 302, 302),
    Row("admin:logout", SUPPORT, 405, 200, "-Session"),
    Row("admin:password_change", SUPPORT, 302, 302),
    Row("admin:password_change_done", SUPPORT, 200, 405),
    Row("admin:autocomplete", SUPPORT, 200, 405,
        query="app_label=members&model_name=subscription&field_name=organization"),
    Row("admin:jsi18n", SUPPORT, 200, 405),
    Row("admin:view_on_site", SUPPORT, 404, 404),
    Row("admin:find", SUPPORT, 200, 200, query="q=mia"),
    Row("admin:app_list", SUPPORT, 200, 200),
    Row("admin:admin/(?P<url>.*)$", SUPPORT, 404, 404),
    *model("members_account", "{mia_account}", history=404),
    action("members_account", "remove_second_factor", "{hana_account}", "-SecondFactor"),
    *model("members_member", "{mia_pk}"),
    action("members_member", "deactivate", "{mia_pk}", "Account.is_active"),
    action("members_member", "reactivate", "{stopped_pk}", "Account.is_active"),
    *model("members_deletedaccount", "{deleted}", change=302),
    Row("admin:members_deletedaccount_change", SUPPORT, 200, 302, "+Member -DeletedAccount", at="object_id={deleted}",
        form="another_user_name=&another_unique_id="),
    action("members_deletedaccount", "bring_back", "{deleted}", "+Member -DeletedAccount"),
    *model("members_organization", "{organization_pk}", add=302, change=302),
    Row("admin:members_organization_add", SUPPORT, 200, 302, "+Organization",
        form="name=Kita Works&slug=kita&administrator=yuki@kita.example&language=ja&time_zone=UTC"),
    Row("admin:members_organization_change", SUPPORT, 200, 302, "Organization.name", at="object_id={organization_pk}",
        form="name=Aozora Studio&slug={slug}"),
    *model("members_subscription", "{cacoo_pk}", add=302, change=302),
    Row("admin:members_subscription_add", SUPPORT, 200, 302, "+Subscription",
        form="organization={another_pk}&product=typetalk&bought=25"),
    Row("admin:members_subscription_change", SUPPORT, 200, 302, "Subscription.bought", at="object_id={cacoo_pk}",
        form="bought=25"),
    action("members_subscription", "end", "{cacoo_pk}", "Subscription.ended_at"),
    *model("members_domain", "{pending_pk}"),
    *model("members_team", "{team_pk}"),
    *model("members_teamrule", "{rule_pk}"),
    action("members_domain", "vouch", "{pending_pk}", "Domain.verified_at"),
    *model("members_auditevent", "{event}", history=404),
    *model("members_outgoing", "{mail}", history=404),
    action("members_outgoing", "send_again", "{mail}", "Outgoing.state", given="mail_given_up"),
    *model("saml_samlsettings", "{organization_pk}"),
    *model("provisioning_provisioningsettings", "{organization_pk}"),
    *model("provisioning_scimtoken", "{token}"),
    action("provisioning_scimtoken", "revoke", "{token}", "ScimToken.revoked_at"),
    *model("provisioning_syncactivity", "{call}", history=404),
    *model("api_appkey", "{key_pk}", add=302, change=302),
    Row("admin:api_appkey_secret", SUPPORT, 302, 405, at="object_id={key_pk}"),
    Row("admin:api_appkey_add", SUPPORT, 200, 302, "+AppKey", form="app=typetalk&name=Production&scopes=access"),
    Row("admin:api_appkey_change", SUPPORT, 200, 302, "AppKey.revoked_at", at="object_id={key_pk}"),
    action("api_appkey", "revoke", "{key_pk}", "AppKey.revoked_at"),
    *model("api_personaltoken", "{personal}"),
    action("api_personaltoken", "revoke", "{personal}", "PersonalToken.revoked_at"),
    *model("api_endpoint", "{endpoint}", add=302, change=302),
    Row("admin:api_endpoint_secret", SUPPORT, 302, 405, at="object_id={endpoint}"),
    Row("admin:api_endpoint_add", SUPPORT, 200, 302, "+Endpoint",
        form="app=cacoo&url=https://cacoo.example/hook&contact=ops@cacoo.example"),
    Row("admin:api_endpoint_change", SUPPORT, 200, 302, "Endpoint.contact", at="object_id={endpoint}",
        form="url=https://backlog.example/hook&contact=ops@backlog.example"),
    action("api_endpoint", "pause", "{endpoint}", "Endpoint.paused_at"),
    action("api_endpoint", "resume", "{endpoint}", "Endpoint.resumed_at", given="endpoint_paused"),
    Row("admin:api_endpoint_changelist", SUPPORT, 200, 302, "Endpoint.sealed",
        form="action=roll_secret&_selected_action={endpoint}"),
    *model("api_apprecord", "{record}", history=404),
    *model("api_delivery", "{delivery}", history=404),
    action("api_delivery", "send_again", "{delivery}", "Delivery.is_wanted_again"),
]  # fmt: skip
