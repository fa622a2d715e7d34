from django.urls import path

from api.access import views

urlpatterns = [path("access", views.Access.as_view(), name="api-access")]
