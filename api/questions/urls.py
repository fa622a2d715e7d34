from django.urls import path

from api.questions import events, organizations

urlpatterns = [
    path("organizations", organizations.Organizations.as_view(), name="api-organizations"),
    path("organizations/<str:space_key>", organizations.OneOrganization.as_view(), name="api-organization"),
    path("organizations/<str:space_key>/events", events.Events.as_view(), name="api-events"),
]
