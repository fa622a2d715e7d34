from django.urls import path

from members.own import account, views

urlpatterns = [
    path("", views.home, name="home"),
    path("profile", views.profile, name="profile"),
    path("profile/name", account.name, name="own-name"),
    path("profile/address", account.address, name="own-address"),
    path("profile/address/<str:proof>", account.open_address_link, name="own-address-link"),
    path("profile/address/open/<slug:name>", account.confirm_address, name="own-address-confirm"),
    path("profile/delete", account.delete, name="own-delete"),
    path("profile/organizations/<str:space_key>/leave", account.leave, name="own-leave"),
]
