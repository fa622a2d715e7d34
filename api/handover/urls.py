from django.urls import path

from api.handover import views

urlpatterns = [path("sessions", views.Sessions.as_view(), name="api-sessions")]
pages = [path("<str:app>/signin", views.sign_in, name="app-sign-in")]
