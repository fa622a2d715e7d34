"""Rules that other apps add to the domain's changes.

`members` imports neither door, so an app that owns a rule puts it in here when it
starts. A guard raises a Refusal to forbid the change; it runs inside the change's
transaction, after the organization is locked and before anything is written.
"""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from members.actors import Actor


class Occasion(Enum):
    # A member stops being an active administrator here: demoted, deactivated, deleted or removed.
    LEAVES_ADMINISTRATION = "leaves administration"
    # A Nulab Account administrator stops being one, also by becoming a Managed Account.
    LEAVES_EMERGENCY = "leaves emergency"
    # Somebody other than the IdP switches an inactive account on.
    REACTIVATES = "reactivates"
    # A member has just been switched off: nothing to forbid, but what waited for it can be tidied up.
    DEACTIVATED = "deactivated"
    # A verified domain is about to go.
    REMOVES_DOMAIN = "removes domain"
    # SAML authentication is about to be turned off.
    DISABLES_SAML = "disables SAML"


type_of_guard = Callable[[Any, "Actor"], None]
_guards: dict[Occasion, list[type_of_guard]] = {occasion: [] for occasion in Occasion}


def guard(occasion: Occasion) -> Callable[[type_of_guard], type_of_guard]:
    def register(check: type_of_guard) -> type_of_guard:
        _guards[occasion].append(check)
        return check

    return register


def ask(occasion: Occasion, subject: Any, by: "Actor") -> None:
    """Raise the first Refusal that a guard of this occasion has against it."""
    for check in _guards[occasion]:
        check(subject, by)
