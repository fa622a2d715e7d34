from django.urls import path

from provisioning.monitoring import activity, activity_csv, overview

urlpatterns = [
    path("", overview.overview, name="provisioning"),
    path("/recent", overview.recent, name="provisioning-recent"),
    path("/activity", activity.activity, name="activity"),
    path("/activity/export", activity_csv.export, name="activity-export"),
]
