"""The domain. Each file tells one story; callers import from here."""

from members.models.account import Account
from members.models.address import Address
from members.models.audit import AuditEvent, Event
from members.models.deleted import DeletedAccount
from members.models.domain import Domain
from members.models.invitation import Invitation
from members.models.licence import Product, Subscription
from members.models.member.emergency_lock import EmergencyLock
from members.models.member.joining import Newcomer, welcome
from members.models.member.member import Member, Role
from members.models.member.synchronization import Synchronization
from members.models.organization import Headcount, Organization, UsedOrganizationId
from members.models.outgoing import Outgoing
from members.models.pace import Pace
from members.models.password_reset import PasswordReset
from members.models.reminder import SentReminder
from members.models.restoring import restore
from members.models.second_factor import SecondFactor
from members.models.session import Session
from members.models.sign_in import SignIn
from members.models.sign_in_attempt import SignInAttempt
from members.models.team import Team, TeamMembership
from members.models.team_count import TeamCount
from members.models.team_rules.rule import TeamRule
from members.models.team_rules.unmet import Unmet

__all__ = [
    "Account",
    "Address",
    "AuditEvent",
    "DeletedAccount",
    "Domain",
    "EmergencyLock",
    "Event",
    "Headcount",
    "Invitation",
    "Member",
    "Newcomer",
    "Organization",
    "Outgoing",
    "Pace",
    "PasswordReset",
    "Product",
    "Role",
    "SecondFactor",
    "SentReminder",
    "Session",
    "SignIn",
    "SignInAttempt",
    "Subscription",
    "Synchronization",
    "Team",
    "TeamCount",
    "TeamMembership",
    "TeamRule",
    "Unmet",
    "UsedOrganizationId",
    "restore",
    "welcome",
]
