from django.urls import path

from members.console import preferences

urlpatterns = [
    path("preferences/language", preferences.language, name="preferences-language"),
    path("preferences/theme", preferences.theme, name="preferences-theme"),
]
