from django.urls import path

from api.tokens import views

urlpatterns = [
    path("new", views.issue, name="personal-token-issue"),
    path("<int:token_id>/revoke", views.revoke, name="personal-token-revoke"),
]
