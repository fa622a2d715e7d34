"""Who comes to the door."""

from enum import StrEnum


class Visitor(StrEnum):
    ANONYMOUS = "anonymous"
    # Deactivated in a way that has left the session behind.
    LEAVER = "deactivated administrator"
    GUEST = "guest"
    MEMBER = "member"
    PLAN_ADMIN = "plan admin"
    AUDIT_LOG_ADMIN = "audit log admin"
    INVITER = "may invite"
    ELSEWHERE = "member managed elsewhere"
    ADMINISTRATOR = "administrator"
    MANAGED_ADMINISTRATOR = "managed administrator"
    NEIGHBOUR = "administrator of the neighbour"
    FORMER = "former administrator"
    SUPPORT_WITHOUT_CODE = "support without second factor"
    SUPPORT = "support"


ALL = frozenset(Visitor)
SIGNED_IN = ALL - {Visitor.ANONYMOUS, Visitor.LEAVER}
OUTSIDE = frozenset({Visitor.NEIGHBOUR, Visitor.FORMER, Visitor.SUPPORT_WITHOUT_CODE, Visitor.SUPPORT})
MEMBERS = SIGNED_IN - OUTSIDE
MANAGED = frozenset({Visitor.GUEST, Visitor.MEMBER, Visitor.ELSEWHERE, Visitor.MANAGED_ADMINISTRATOR})
