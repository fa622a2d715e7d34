"""The filters of the Members page, which live in its address."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members import values
from members.keys import key_of
from members.models import Account, Member, Product, Role
from members.models.member.member import MemberQuerySet


def containing(words: str) -> Q:
    """Members whose name, address or Unique ID contains this, or whose SCIM id or externalId it is, in any case."""
    key = key_of(words)
    return (
        Q(account__name_key__contains=key)
        | Q(user_name_key__contains=key)
        | Q(email_key__contains=key)
        | Q(unique_id_key__contains=key)
        | Q(external_id__iexact=words.strip())
        | Q(scim_id=words.strip().lower())
    )


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search by name, address or ID"),
        required=False,
        max_length=values.MAX_FULL_NAME,
        widget=forms.SearchInput(attrs={"placeholder": _("Name, address or ID")}),
    )


class MemberFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search by name, address or ID"),
        method="search",
        widget=forms.SearchInput(attrs={"placeholder": _("Name, address or ID")}),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        method="of_status",
        choices=[("active", _("Active")), ("inactive", _("Inactive")), ("locked", _("Locked"))],
        empty_label=_("All statuses"),
    )
    type = django_filters.ChoiceFilter(
        label=_("Account type"),
        field_name="account__type",
        choices=Account.Type.choices,
        empty_label=_("All account types"),
    )
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, empty_label=_("All roles"))
    product = django_filters.ChoiceFilter(
        label=_("Licence"), method="holding", choices=Product.choices, empty_label=_("All licences")
    )

    sort = django_filters.ChoiceFilter(
        method="in_any_order",
        choices=[(f"{sign}{name}", name) for name in ("name", "role", "sync") for sign in ("", "-")],
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Member
        fields: list[str] = []

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters of the query string that can be understood."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen.keys() - {"sort"})

    def in_any_order(self, members: MemberQuerySet, name: str, sort: str) -> MemberQuerySet:
        """The order is the reader's (members.people.listing); here it is only kept from page to page."""
        return members

    def search(self, members: MemberQuerySet, name: str, words: str) -> MemberQuerySet:
        return members.filter(containing(words))

    def of_status(self, members: MemberQuerySet, name: str, status: str) -> MemberQuerySet:
        found = members.filter(account__is_active=status == "active")
        return found.filter(emergency_lock__isnull=False) if status == "locked" else found

    def holding(self, members: MemberQuerySet, name: str, product: Any) -> MemberQuerySet:
        return members.licensed_for(Product(product))
