from django.urls import include, path

urlpatterns = [
    path("spaces/<str:space_key>/saml", include("saml.pages.urls")),
    path("signin/spaces/<str:space_key>", include("saml.sso.urls")),
]
