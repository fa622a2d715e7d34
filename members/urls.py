from django.urls import path

from members import preferences, signin

urlpatterns = [
    path("signin", signin.signin, name="signin"),
    path("signout", signin.signout, name="signout"),
    path("set-password/<str:uid>/<str:token>", signin.set_password, name="set-password"),
    path("preferences/language", preferences.language, name="preferences-language"),
    path("preferences/theme", preferences.theme, name="preferences-theme"),
]
