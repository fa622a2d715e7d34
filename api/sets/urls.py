from django.urls import path

from api.sets import views

urlpatterns = [
    path("jwks", views.Keys.as_view(), name="api-jwks"),
    path("sets/<str:endpoint_id>", views.Stream.as_view(), name="api-sets"),
]
