from django.urls import path

from members.newcomers import invitations, views

MEMBERS = "spaces/<str:space_key>/members"
INVITATIONS = "spaces/<str:space_key>/invitations"

urlpatterns = [
    path(f"{MEMBERS}/new", views.create, name="member-new"),
    path(f"{MEMBERS}/import", views.upload, name="members-import"),
    path(f"{MEMBERS}/import/confirm", views.confirm, name="members-import-confirm"),
    path(f"{MEMBERS}/import/template", views.template, name="members-import-template"),
    path("invitations/<str:secret>", invitations.open_link, name="invitation"),
    path("invitations/open/<slug:name>", invitations.invitation, name="invitation-opened"),
    path("invitations/open/<slug:name>/accept", invitations.accept, name="invitation-accept"),
    path("invitations/open/<slug:name>/join", invitations.join, name="invitation-join"),
    path(INVITATIONS, invitations.invitations, name="invitations"),
    path(f"{INVITATIONS}/new", invitations.invite, name="invite"),
    path(f"{INVITATIONS}/<int:number>/resend", invitations.resend, name="invitation-resend"),
    path(f"{INVITATIONS}/<int:number>/withdraw", invitations.withdraw, name="invitation-withdraw"),
]
