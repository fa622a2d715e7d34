from django.urls import path

from api.description import views

urlpatterns = [
    path("v1/openapi.json", views.openapi, name="api-description"),
    path("docs", views.page, name="api-docs"),
]
