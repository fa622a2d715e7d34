from django.urls import include, path

from api.handover.urls import pages

urlpatterns = [
    # First what is asked most often.
    path("api/v1/", include("api.access.urls")),
    path("api/v1/", include("api.questions.urls")),
    path("api/v1/", include("api.handover.urls")),
    path("api/v1/", include("api.sets.urls")),
    path("api/", include("api.description.urls")),
    path("", include("api.told.urls")),
    path("profile/tokens/", include("api.tokens.urls")),
    path("apps/", include(pages)),
]
