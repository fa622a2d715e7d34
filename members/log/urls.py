from django.urls import path

from members.log import views

urlpatterns = [
    path("spaces/<str:space_key>/audit-log", views.overview, name="audit-log"),
    path("spaces/<str:space_key>/audit-log/export", views.export, name="audit-log-export"),
]
