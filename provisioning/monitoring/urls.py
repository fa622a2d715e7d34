from django.urls import path

from provisioning.monitoring import activity, overview

urlpatterns = [
    path("", overview.overview, name="provisioning"),
    path("/recent", overview.recent, name="provisioning-recent"),
    path("/activity", activity.activity, name="activity"),
]
