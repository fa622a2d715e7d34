from django.urls import include, path

from provisioning.views import activity, guide, overview, preview, review, review_bulk, settings, tokens

pages = [
    path("", overview.overview, name="provisioning"),
    path("/recent", overview.recent, name="provisioning-recent"),
    path("/manage", settings.manage, name="provisioning-manage"),
    path("/manage/save", settings.save, name="provisioning-save"),
    path("/disable", settings.disable, name="provisioning-disable"),
    path("/tokens/new", tokens.issue, name="token-issue"),
    path("/tokens/<int:token_id>/first-request", tokens.first_request, name="provisioning-first-request"),
    path("/tokens/<int:token_id>/revoke", tokens.revoke, name="token-revoke"),
    path("/tokens/<int:token_id>/issuer", tokens.change_issuer, name="token-issuer"),
    path("/tokens/<int:token_id>/name", tokens.rename, name="token-name"),
    path("/review", review.review, name="provisioning-review"),
    path("/review/convert", review_bulk.convert, name="accounts-convert-managed"),
    path("/review/update", review_bulk.update, name="accounts-update"),
    path("/preview", preview.preview, name="provisioning-preview"),
    path("/preview/csv", preview.export, name="provisioning-preview-csv"),
    path("/review/<uuid:scim_id>/managed", review.convert_to_managed, name="account-convert-managed"),
    path("/review/<uuid:scim_id>/nulab", review.convert_to_nulab, name="account-convert-nulab"),
    path("/review/<uuid:scim_id>/update", review.bring_up_to_date, name="account-update"),
    path("/activity", activity.activity, name="activity"),
]

urlpatterns = [
    path("spaces/<str:space_key>/provisioning", include(pages)),
    path("spaces/<str:space_key>/guides/<str:idp>", guide.guide, name="guide"),
]
