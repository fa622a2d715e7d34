from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import values
from members.models import DeletedAccount, Product, Subscription
from members.models.restoring import obstacles, restore
from members.support.base import OF_ORGANIZATION, SupportAdmin, act_on_each, page_of, support


class RestoreForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """The form of a restore: another address or Unique ID where somebody else has the former one by now."""

    another_user_name = forms.CharField(label=_("Another address"), required=False, max_length=values.MAX_TEXT)
    another_unique_id = forms.CharField(label=_("Another Unique ID"), required=False, max_length=50)

    class Meta:
        model = DeletedAccount
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, refusal in obstacles(self.instance).items():
            field = self.fields[f"another_{name}"]
            field.required, field.help_text = True, str(refusal)


@admin.register(DeletedAccount)
class DeletedAccountAdmin(SupportAdmin):
    """Saving the page restores the account, inactive and with the same id."""

    list_display = ("name", "user_name", "organization", "deleted_at", "scim_id")
    list_select_related = ("organization",)
    search_fields = ("name", "user_name", "=scim_id", *OF_ORGANIZATION)
    ordering = ("-deleted_at",)
    form = RestoreForm
    readonly_fields = ("organization", "name", "user_name", "unique_id", "scim_id", "deleted_at", "licences")
    fields = (*readonly_fields, "another_user_name", "another_unique_id")
    actions = ("bring_back",)
    change_form_template = "admin/restore.html"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("Unique ID"))
    def unique_id(self, deleted: DeletedAccount) -> str:
        return str(deleted.snapshot["member"]["unique_id"])

    @admin.display(description=_("licences it held"))
    def licences(self, deleted: DeletedAccount) -> str:
        """The licences that the account takes once it is activated, as far as they are free by then."""
        held = deleted.snapshot["member"]["returned_licences"]
        free = {row.product: row.free for row in Subscription.objects.filter(organization=deleted.organization)}
        return ", ".join(
            str(product.label)
            if free.get(product)
            else gettext("%(product)s (none is free now)") % {"product": product.label}
            for product in Product
            if product in held
        )

    def save_model(self, request: HttpRequest, obj: DeletedAccount, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        request.restored = restore(  # type: ignore[attr-defined]
            obj,
            by=support(request),
            user_name=wanted["another_user_name"] or None,
            unique_id=wanted["another_unique_id"] or None,
        )

    def response_change(self, request: HttpRequest, obj: DeletedAccount) -> HttpResponse:
        messages.success(request, gettext("%(member)s is restored, inactive.") % {"member": obj.name})
        return redirect(page_of(request.restored))  # type: ignore[attr-defined]

    @admin.action(description=_("Restore, inactive"))
    def bring_back(self, request: HttpRequest, queryset: QuerySet[DeletedAccount]) -> None:
        rows = queryset.select_related("organization")
        act_on_each(request, rows, lambda row: restore(row, by=support(request)))
