"""What a line of the table says."""

from dataclasses import dataclass, field
from enum import Enum

from tests.access.visitors import ALL, MANAGED, MEMBERS, SIGNED_IN, Visitor

SIGN_IN, SUPPORT_SIGN_IN = "/signin", "/admin/login/"


class Refused(Enum):
    """What others get to see than those for whom a page is."""

    SIGN_IN = 302
    FORBIDDEN = 403
    NOT_FOUND = 404


@dataclass(frozen=True)
class Audience:
    """For whom a page is. Strangers to the organization do not hear that it exists."""

    who: frozenset[Visitor]
    is_of_an_organization: bool = True
    sign_in: str = SIGN_IN
    # What others hear who have signed in, unless it is the usual.
    others: Refused | None = None

    def refusal(self, visitor: Visitor) -> Refused | None:
        if visitor in self.who:
            return None
        if visitor not in SIGNED_IN or self.sign_in == SUPPORT_SIGN_IN:
            return Refused.SIGN_IN
        if self.others:
            return self.others
        if self.is_of_an_organization and visitor not in MEMBERS:
            return Refused.NOT_FOUND
        return Refused.FORBIDDEN


_ADMINISTRATORS = {Visitor.ADMINISTRATOR, Visitor.MANAGED_ADMINISTRATOR}
SETTINGS = Audience(frozenset(_ADMINISTRATORS))
LICENCES = Audience(frozenset(_ADMINISTRATORS | {Visitor.PLAN_ADMIN}))
AUDIT_LOG = Audience(frozenset(_ADMINISTRATORS | {Visitor.AUDIT_LOG_ADMIN}))
INVITING = Audience(frozenset(_ADMINISTRATORS | {Visitor.INVITER}))
PLACE = Audience(MEMBERS)
HERS = Audience(frozenset({Visitor.ADMINISTRATOR}), others=Refused.NOT_FOUND)
# Administrators of any organization: the neighbour, too.
SOMEWHERE = Audience(frozenset(_ADMINISTRATORS | {Visitor.NEIGHBOUR}), is_of_an_organization=False)
ANYBODY = Audience(ALL, is_of_an_organization=False)
SOMEBODY = Audience(SIGNED_IN, is_of_an_organization=False)
OWNERS = Audience(SIGNED_IN - MANAGED, is_of_an_organization=False)
# It sends everybody on: to the sign-in page, to the second factor, or in.
SUPPORT_DOOR = Audience(ALL, is_of_an_organization=False)
SUPPORT = Audience(frozenset({Visitor.SUPPORT}), is_of_an_organization=False, sign_in=SUPPORT_SIGN_IN)


@dataclass(frozen=True)
class Row:
    """One URL pattern, and one thing that a POST to it does.

    `at`, `query` and `form` are written as in an address; {names} are things of the world (tests/access/world.py).
    """

    name: str
    audience: Audience
    get: int
    post: int = 405
    # "+Team" a row more, "-Team" a row fewer, "Team.name" another value: what the POST brings about, at least.
    changes: str = ""
    at: str = ""
    query: str = ""
    form: str = ""
    # What has to be so beforehand (tests/access/situations.py).
    given: str = ""
    # Shows or changes secrets: wants a sign-in a short while ago.
    is_recent: bool = False
    # Its form does, or only its form when filled in like this.
    is_recent_form: bool = False
    # Who gets another answer than the audience as a whole: GET and POST.
    but: dict[Visitor, tuple[int, int]] = field(default_factory=dict)
    # For whom alone it does something, where the page is open to more.
    does: frozenset[Visitor] | None = None
    # Its page runs the change and takes it back, to say what it would do (members/people/dry_run.py).
    is_dry_run: bool = False
    # A browser brings no token of this site's along: the response comes from the IdP's page.
    is_posted_from_elsewhere: bool = False
    # What else the browser brings along, and the tables that a GET may write to.
    cookie: str = ""
    get_writes: str = ""

    def __str__(self) -> str:
        told = (self.at, self.given, self.query, self.form if self.form.startswith("action=") else self.form[-10:])
        return f"{self.name}({' '.join(filter(None, told))})"

    @property
    def reader(self) -> Visitor:
        """Somebody for whom the page is: an administrator, if it is for them at all."""
        return Visitor.ADMINISTRATOR if Visitor.ADMINISTRATOR in self.audience.who else Visitor.SUPPORT

    def may_write(self, method: str) -> set[str]:
        return set(self.get_writes.split()) if method == "GET" else set()

    def doers(self) -> frozenset[Visitor]:
        if self.does is not None:
            return self.does
        return self.audience.who - self.but.keys()

    def expected(self, visitor: Visitor, method: str) -> int:
        own = self.get if method == "GET" else self.post
        # The wrong method is refused first, except by the Django admin.
        if own == 405 and self.audience.sign_in == SIGN_IN:
            return own
        if visitor in self.but:
            return self.but[visitor][method != "GET"]
        refusal = self.audience.refusal(visitor)
        return refusal.value if refusal else own
