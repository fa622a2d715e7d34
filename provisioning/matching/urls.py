from django.urls import path

from provisioning.matching import preview_views, review_bulk, review_views

urlpatterns = [
    path("/review", review_views.review, name="provisioning-review"),
    path("/review/convert", review_bulk.convert, name="accounts-convert-managed"),
    path("/review/update", review_bulk.update, name="accounts-update"),
    path("/preview", preview_views.preview, name="provisioning-preview"),
    path("/preview/csv", preview_views.export, name="provisioning-preview-csv"),
    path("/review/<uuid:scim_id>/managed", review_views.convert_to_managed, name="account-convert-managed"),
    path("/review/<uuid:scim_id>/nulab", review_views.convert_to_nulab, name="account-convert-nulab"),
    path("/review/<uuid:scim_id>/update", review_views.bring_up_to_date, name="account-update"),
]
