from django.urls import include, path

# Order: members/new and members/import before members/<id>.
urlpatterns = [
    path("", include("members.sign_in.urls")),
    path("", include("members.own.urls")),
    path("", include("members.console.urls")),
    path("", include("members.organization.urls")),
    path("", include("members.newcomers.urls")),
    path("", include("members.people.urls")),
    path("", include("members.log.urls")),
]
