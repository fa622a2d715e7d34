from django.urls import path

from api.questions import organizations

urlpatterns = [
    path("organizations", organizations.Organizations.as_view(), name="api-organizations"),
    path("organizations/<str:space_key>", organizations.OneOrganization.as_view(), name="api-organization"),
]
