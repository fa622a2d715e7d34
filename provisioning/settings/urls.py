from django.urls import path

from provisioning.settings import tokens, views

urlpatterns = [
    path("/manage", views.manage, name="provisioning-manage"),
    path("/manage/save", views.save, name="provisioning-save"),
    path("/disable", views.disable, name="provisioning-disable"),
    path("/tokens/new", tokens.issue, name="token-issue"),
    path("/tokens/<int:token_id>/first-request", tokens.first_request, name="provisioning-first-request"),
    path("/tokens/<int:token_id>/revoke", tokens.revoke, name="token-revoke"),
    path("/tokens/<int:token_id>/issuer", tokens.change_issuer, name="token-issuer"),
    path("/tokens/<int:token_id>/name", tokens.rename, name="token-name"),
]
