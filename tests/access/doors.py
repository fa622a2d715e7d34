"""The table, second part: SAML authentication, signing in through the IdP, user provisioning."""

from tests.access.row import ANYBODY, SETTINGS, Row
from tests.access.visitors import ALL, Visitor

ANONYMOUS, LEAVER = Visitor.ANONYMOUS, Visitor.LEAVER
IDP = "entity_id=https://idp.new.example/metadata&sso_url=https://idp.new.example/sso"

SAML = [
    Row("saml", SETTINGS, 200),
    Row("saml-settings", SETTINGS, 405, 302, "SamlSettings.draft_sso_url", form=IDP, is_recent=True),
    Row("saml-metadata-import", SETTINGS, 405, 302, "SamlSettings.draft_sso_url", form="metadata=file:{metadata}",
        is_recent=True),
    Row("saml-discard", SETTINGS, 200, 302, "SamlSettings.draft_entity_id", given="saml_draft", is_recent=True),
    Row("saml-unsolicited", SETTINGS, 405, 302, "SamlSettings.accepts_unsolicited", is_recent=True),
    Row("saml-certificate-add", SETTINGS, 405, 302, "+SamlCertificate", form="certificate={certificate}",
        is_recent=True),
    Row("saml-certificate-remove", SETTINGS, 200, 302, "-SamlCertificate", is_recent=True),
    Row("saml-test", SETTINGS, 405, 302, "+SignInRequest", is_recent=True),
    Row("saml-test-result", SETTINGS, 200),
    Row("saml-enable", SETTINGS, 405, 302, "SamlSettings.enabled_at", given="saml_off", is_recent=True),
    Row("saml-disable", SETTINGS, 200, 302, "SamlSettings.enabled_at", form="confirmation={slug}",
        given="provisioning_off", is_recent=True),
]  # fmt: skip

SINGLE_SIGN_ON = [
    # A response that the IdP posts to these is refused in words.
    Row("saml-begin", ANYBODY, 302, 403, "+AuditEvent", is_posted_from_elsewhere=True, get_writes="saml_signinrequest"),
    Row("saml-entity", ANYBODY, 200, 403, "+AuditEvent", is_posted_from_elsewhere=True),
    Row("saml-metadata", ANYBODY, 200, 403, "+AuditEvent", is_posted_from_elsewhere=True),
    Row("saml-no-address", ANYBODY, 404, 403, "+AuditEvent", at="mistyped=saml/callback/",
        form="SAMLResponse={response}", is_posted_from_elsewhere=True),
    # The response of a sign-in that began at the IdP replaces nobody's session before they have said so.
    Row("saml-callback", ANYBODY, 302, 302, "+UsedAssertion", form="SAMLResponse={response}",
        is_posted_from_elsewhere=True),
    Row("saml-finish", ANYBODY, 200, 302, "+UsedAssertion +AuditEvent", cookie="saml-waiting={waiting}",
        but=dict.fromkeys((ANONYMOUS, LEAVER), (302, 302)), does=ALL,
        get_writes="members_account members_auditevent members_signin saml_usedassertion"),
]  # fmt: skip

PROVISIONING = [
    Row("provisioning", SETTINGS, 200),
    Row("provisioning-recent", SETTINGS, 200),
    Row("provisioning-manage", SETTINGS, 200, is_recent=True),
    Row("provisioning-save", SETTINGS, 302, 200, "+ScimToken ProvisioningSettings.enabled_at",
        form="enable=on&lifetime=1y", given="nothing_issued", is_recent=True),
    Row("provisioning-disable", SETTINGS, 200, 302, "ProvisioningSettings.enabled_at", form="confirmation={slug}",
        is_recent=True),
    Row("token-issue", SETTINGS, 200, 200, "+ScimToken", form="lifetime=1y", is_recent=True),
    Row("provisioning-first-request", SETTINGS, 286),
    Row("token-revoke", SETTINGS, 200, 302, "ScimToken.revoked_at", is_recent=True),
    Row("token-name", SETTINGS, 200, 302, "ScimToken.name", form="name=Entra production"),
    Row("token-issuer", SETTINGS, 200, 302, "ScimToken.issuer_id", form="issuer={deputy_pk}", is_recent=True),
    Row("provisioning-review", SETTINGS, 200),
    Row("accounts-convert-managed", SETTINGS, 200, 302, "Account.type", query="member={owner}", is_dry_run=True),
    Row("accounts-update", SETTINGS, 405, 302, "Account.brought_up_to_date_at"),
    Row("account-convert-managed", SETTINGS, 200, 302, "Account.type", at="scim_id={owner}", is_dry_run=True),
    Row("account-convert-nulab", SETTINGS, 200, 302, "Account.type", is_dry_run=True),
    Row("account-update", SETTINGS, 200, 302, "Account.brought_up_to_date_at", at="scim_id={outdated}",
        is_dry_run=True),
    Row("provisioning-preview", SETTINGS, 200, 200, form="text=newbie@{slug}.example"),
    Row("provisioning-preview-csv", SETTINGS, 405, 200, form="text=newbie@{slug}.example"),
    Row("activity", SETTINGS, 200),
    Row("activity-export", SETTINGS, 405, 200, "+AuditEvent", is_recent=True),
    Row("guide", SETTINGS, 200),
]  # fmt: skip
