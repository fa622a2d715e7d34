"""The filters of the Members page, which live in its address."""

from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from members import values
from members.models import Account, Member, Organization, Product, Role
from members.models.finding import Found, members_found
from members.models.member.member import MemberQuerySet
from members.models.standing import of_type


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
        method="last_of_all",
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
        method="of_type",
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

    # Those found, where nothing is asked for but words.
    by_words: Found | None = None

    def __init__(self, organization: Organization, query: QueryDict) -> None:
        self.organization = organization
        super().__init__(query, queryset=Member.objects.filter(organization=organization))

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

    def filter_queryset(self, queryset: MemberQuerySet) -> MemberQuerySet:
        """The search comes last: what else is asked for, it asks with it. Alone, it knows who comes first by name."""
        rest: MemberQuerySet = super().filter_queryset(queryset)
        is_alone = self.chosen.keys() <= {"q", "sort"}
        by_name = {"name": "name_order", "-name": "-name_order"}.get(self.chosen.get("sort", "name"), "")
        words = self.form.cleaned_data.get("q", "")
        found = members_found(self.organization.pk, rest, words, by_name if is_alone else "")
        self.by_words = found if is_alone else None
        return found.rows  # type: ignore[return-value]

    def last_of_all(self, members: MemberQuerySet, name: str, words: str) -> MemberQuerySet:
        return members

    def of_status(self, members: MemberQuerySet, name: str, status: str) -> MemberQuerySet:
        found = members.filter(account__is_active=status == "active")
        return found.filter(emergency_lock__isnull=False) if status == "locked" else found

    def of_type(self, members: MemberQuerySet, name: str, kind: str) -> MemberQuerySet:
        return of_type(members, self.organization, kind)  # type: ignore[return-value]

    def holding(self, members: MemberQuerySet, name: str, product: Any) -> MemberQuerySet:
        return members.licensed_for(Product(product))
