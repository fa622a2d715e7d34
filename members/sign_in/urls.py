from django.urls import path

from members.sign_in import code_views, factors, forgotten, views

urlpatterns = [
    path("signin", views.signin, name="signin"),
    path("signout", views.signout, name="signout"),
    path("signin/code", code_views.code, name="signin-code"),
    path("signin/forgotten", forgotten.forgotten, name="forgotten-password"),
    path("set-password/open/<slug:name>", forgotten.set_password, name="set-password-form"),
    path("set-password/<str:uid>/<str:token>", forgotten.open_link, name="set-password"),
    path("profile/security", factors.overview, name="security"),
    path("profile/security/password", factors.password, name="security-password"),
    path("profile/security/authenticator", factors.authenticator, name="security-authenticator"),
    path("profile/security/authenticator/remove", factors.remove_authenticator, name="security-authenticator-remove"),
    path("profile/security/recovery-codes", factors.recovery_codes, name="security-recovery-codes"),
]
