from django.urls import path

from members.people import bulk_views, changes, member, views

MEMBERS = "spaces/<str:space_key>/members"
MEMBER = f"{MEMBERS}/<uuid:scim_id>"

urlpatterns = [
    path(MEMBERS, views.members, name="members"),
    path(f"{MEMBERS}/export", views.export, name="members-export"),
    path(f"{MEMBERS}/role", bulk_views.change_role, name="members-role"),
    path(f"{MEMBERS}/role/restore", bulk_views.restore_roles, name="members-role-restore"),
    path(f"{MEMBERS}/licences/assign", bulk_views.assign_licence, name="members-licence-assign"),
    path(f"{MEMBERS}/licences/withdraw", bulk_views.withdraw_licence, name="members-licence-withdraw"),
    path(f"{MEMBERS}/deactivate", bulk_views.deactivate, name="members-deactivate"),
    path(f"{MEMBERS}/remove", bulk_views.remove, name="members-remove"),
    path(MEMBER, member.member, name="member"),
    path(f"{MEMBER}/edit", member.edit, name="member-edit"),
    path(f"{MEMBER}/deactivate", changes.deactivate, name="member-deactivate"),
    path(f"{MEMBER}/reactivate", changes.reactivate, name="member-reactivate"),
    path(f"{MEMBER}/lock/lift", changes.lift_lock, name="member-lock-lift"),
    path(f"{MEMBER}/delete", changes.delete, name="member-delete"),
    path(f"{MEMBER}/type/managed", changes.to_managed, name="member-to-managed"),
    path(f"{MEMBER}/type/nulab", changes.to_nulab, name="member-to-nulab"),
    path(f"{MEMBER}/update", changes.update, name="member-update"),
    path(f"{MEMBER}/teams/add", changes.add_to_team, name="member-team-add"),
    path(f"{MEMBER}/privileges", changes.privileges, name="member-privileges"),
    path(f"{MEMBER}/licences/<str:product>/assign", changes.assign_licence, name="member-licence-assign"),
    path(f"{MEMBER}/licences/<str:product>/withdraw", changes.withdraw_licence, name="member-licence-withdraw"),
]
