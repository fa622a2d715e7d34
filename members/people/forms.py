"""The forms of the members pages: they ask and translate, the verbs decide."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor
from members.console.name_field import NameField
from members.console.pages import with_link
from members.keys import key_of
from members.models import Member, Organization, Product, Role, Subscription, Team
from members.models.address_refusals import AddressTaken, AddressTakenHere
from members.models.member.profile import Profile
from members.models.member.refusals import AtMostMember, UniqueIdTaken
from members.models.member.role import PRIVILEGES
from members.refusals import Protected, Refusal
from members.values_refusals import DomainNotVerified, InvalidUniqueId, NotAnAddress

# Teams that a reader chooses from; of more, the name is written.
MAX_LISTED = 100


def time_zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(values.TIME_ZONES)]


class PrivilegesForm(forms.Form):
    is_plan_admin = forms.BooleanField(
        label=_("Plan admin"),
        help_text=_("Can see the licences and who holds them. Only support can change the plan."),
        required=False,
    )
    can_invite = forms.BooleanField(
        label=_("Invite users"), help_text=_("Can invite people to the organization."), required=False
    )
    is_audit_log_admin = forms.BooleanField(
        label=_("Audit log admin"), help_text=_("Can read and export the audit log."), required=False
    )

    def __init__(self, data: Any, member: Member) -> None:
        super().__init__(data, initial=self.initial_of(member))
        # A disabled box sends nothing, so a ticked one is sent by a hidden field beside it.
        reason = member.reason_to_keep_plan_admin() if data is None else None
        if reason:
            self.fields["is_plan_admin"].help_text = str(reason)
            self.fields["is_plan_admin"].widget.attrs["disabled"] = True
        self.keeps_plan_admin = bool(reason) and member.is_plan_admin

    @staticmethod
    def initial_of(member: Member) -> dict[str, Any]:
        return {name: getattr(member, name) for name in PRIVILEGES}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.USER)


class ProductForm(forms.Form):
    """The products that administrators assign by hand, with what is free of each."""

    product = forms.ChoiceField(label=_("Product"))

    def __init__(self, data: Any, organization: Organization, *, lacking: Collection[Member] = ()) -> None:
        """`lacking` members have no licence yet: products with too few free ones say so."""
        super().__init__(data)
        subscriptions = organization.subscriptions.filter(ended_at=None).exclude(product=Product.PASS)
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            (one.product, _free_for(one, sum(one.product not in member.licences for member in lacking)))
            for one in subscriptions.order_by("product")
        ]


def _free_for(subscription: Subscription, wanted: int) -> str:
    figures = _figures(subscription) | {"wanted": wanted, "left": wanted - subscription.free}
    if subscription.free < wanted:
        return _("%(product)s: %(free)s of %(bought)s free, %(left)s of %(wanted)s members would get none") % figures
    return _("%(product)s: %(free)s of %(bought)s free") % figures


def _figures(subscription: Subscription) -> dict[str, Any]:
    return {
        "product": subscription.get_product_display(), "free": subscription.free, "bought": subscription.bought,
    }  # fmt: skip


class TeamByName(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A team of which the reader writes the name, where there are too many to choose from."""

    def __init__(self, teams: QuerySet[Team], **kwargs: Any) -> None:
        text = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(teams, to_field_name="name_key", widget=text, help_text=_("The name of the team."), **kwargs)

    def to_python(self, value: Any) -> Team | None:
        found: Team | None = super().to_python(key_of(value or ""))
        return found


def team_field(teams: QuerySet[Team], **kwargs: Any) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    """The choice of a team, or of too many to choose from the name."""
    if are_many(teams):
        return TeamByName(teams, label=kwargs["label"])
    return forms.ModelChoiceField(queryset=teams, to_field_name="scim_id", **kwargs)


def are_many(teams: QuerySet[Team]) -> bool:
    return teams[MAX_LISTED : MAX_LISTED + 1].exists()


class TeamChoiceForm(forms.Form):
    """The teams in which the member is not yet."""

    def __init__(self, data: Any, *, member: Member) -> None:
        super().__init__(data)
        others = member.organization.teams.exclude(memberships__member=member).order_by("name_key")
        self.has_choice = others.exists()
        self.fields["team"] = team_field(others, label=_("Add to a team"), empty_label=None)


class MemberForm(forms.Form):
    """Every field remembers what the reader saw, so that only what the reader changed is written.

    Otherwise saving the role would undo a name that the IdP has sent meanwhile.
    """

    name = NameField(show_hidden_initial=True)
    user_name = forms.CharField(
        label=_("Sign-in address"),
        max_length=values.MAX_TEXT,
        show_hidden_initial=True,
        help_text=_("The userName in your IdP. It must be in a verified domain."),
    )
    email = forms.CharField(
        label=_("Email"),
        max_length=values.MAX_ADDRESS,
        required=False,
        show_hidden_initial=True,
        help_text=_("Leave it empty to follow the sign-in address."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, show_hidden_initial=True)
    unique_id = forms.CharField(
        label=_("Unique ID"),
        max_length=50,
        show_hidden_initial=True,
        help_text=_("The handle for @mentions: 2 to 50 of a–z, 0–9, “.”, “_” and “-”."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, show_hidden_initial=True)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, show_hidden_initial=True)

    def __init__(self, data: Any, member: Member, *, by: Actor) -> None:
        account = member.account
        super().__init__(
            data,
            initial={
                "name": account.name,
                "user_name": account.user_name,
                "email": "" if account.email_follows_user_name else account.email,
                "language": account.language,
                "unique_id": member.unique_id,
                "role": member.role,
                "time_zone": account.time_zone,
            },
        )
        self.member = member
        if not member.is_own:
            for name in self.fields.keys() - {"role"}:
                del self.fields[name]
        elif account.email_follows_user_name:
            self.fields["email"].widget.attrs["placeholder"] = account.email
        if member.is_own and member.organization.is_sandbox:
            self.fields["user_name"].help_text = _("The userName in your IdP.")
        self._offer_roles(by)

    def _offer_roles(self, by: Actor) -> None:
        """Offer the roles that the member can have. Others stay valid values: sending one is answered by a refusal."""
        offered = list(Role.choices)
        if self.member.is_managed_elsewhere:
            offered = [(value, label) for value, label in offered if value != Role.ADMIN]
        if reason := self.member.reason_to_stay_administrator(by):
            offered = [(value, label) for value, label in offered if value == Role.ADMIN]
            self.fields["role"].help_text = str(reason)
        self.fields["role"].widget.choices = offered

    def profile(self) -> Profile:
        """The fields of the person that the reader changed; the page's Name is the display name."""
        profile = Profile()
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        if "name" in changed:
            profile["display_name"] = changed["name"]
        if "user_name" in changed:
            profile["user_name"] = changed["user_name"]
        if "email" in changed:
            profile["email"] = changed["email"] or None
        if "language" in changed:
            profile["language"] = changed["language"]
        if "time_zone" in changed:
            profile["time_zone"] = changed["time_zone"]
        return profile

    def wanted_unique_id(self) -> str | None:
        return self.cleaned_data["unique_id"] if "unique_id" in self.changed_data else None

    def wanted_role(self) -> Role | None:
        return Role(self.cleaned_data["role"]) if "role" in self.changed_data else None

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(self._field_of(refusal), with_link(refusal, self.member.organization))

    def _field_of(self, refusal: Refusal) -> str | None:
        """The field to write the refusal under; None for above the form."""
        if isinstance(refusal, Protected | AtMostMember):
            return "role"
        if isinstance(refusal, UniqueIdTaken | InvalidUniqueId):
            return "unique_id"
        addresses = (
            AddressTaken, AddressTakenHere, NotAnAddress, DomainNotVerified,
        )  # fmt: skip
        if isinstance(refusal, addresses):
            return "user_name" if "user_name" in self.changed_data else "email"
        return None
