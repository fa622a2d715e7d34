from django.urls import path

from api.told import views

urlpatterns = [path("spaces/<str:space_key>/told", views.told, name="told")]
