"""AuthnRequests on their way, each with the browser that asked."""

import datetime
import secrets
from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from members.models import Account, Organization
from members.pruning import delete_in_steps
from members.sealing import hash_of
from saml.models import request_refusals as refusals

# Time that somebody may take at the IdP, a forgotten password included.
ANSWERED_WITHIN = datetime.timedelta(hours=1)
# Anybody may follow a sign-in link: so many wait for an answer at once, and the oldest makes room for one more. None is
# refused, so nobody is locked out by somebody else in the same network or browser.
MAX_OF_A_BROWSER, MAX_OF_A_NETWORK, MAX_OF_AN_ORGANIZATION = 20, 5_000, 50_000


class SignInRequest(models.Model):
    """One AuthnRequest, answered once, in the browser that sent it."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in"
        # Test sign-in: with the draft where there is one, and signs nobody in.
        TEST = "test"

    # The ID of the AuthnRequest: an xs:ID, so it starts with no digit.
    id = models.CharField(primary_key=True, max_length=40)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    # SHA-256 of the cookie that stands for the browser.
    browser = models.CharField(max_length=64)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.SIGN_IN)
    # Address to go on to once signed in; "" for the start page.
    after = models.CharField(max_length=2048, blank=True)
    # The IdP was asked to make sure of the person anew (ForceAuthn).
    is_forced = models.BooleanField(default=False)
    # Test sign-in: its tester, its values and its result.
    tester = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    idp_entity_id = models.CharField(max_length=1024, blank=True)
    idp_sso_url = models.CharField(max_length=2048, blank=True)
    outcome = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(null=True)
    # The network of the address that asked.
    network = models.CharField(max_length=50, default="", db_default="")
    # Posts of this browser that were refused since.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["browser", "created_at"], name="saml_request_browser"),
            models.Index(fields=["network", "created_at"], name="saml_request_network"),
            models.Index(fields=["organization", "created_at"], name="saml_request_organization"),
        ]

    def __str__(self) -> str:
        return self.id

    @staticmethod
    def new_id() -> str:
        return f"_{secrets.token_hex(16)}"

    @staticmethod
    def make(organization: Organization, *, browser: str, network: str, **wanted: Any) -> "SignInRequest":
        """A new one, in the place of the oldest where too many wait."""
        row = SignInRequest.objects.create(
            id=SignInRequest.new_id(), organization=organization, browser=hash_of(browser), network=network, **wanted
        )
        _keep_newest(MAX_OF_A_BROWSER, browser=row.browser)
        _keep_newest(MAX_OF_A_NETWORK, network=network)
        _keep_newest(MAX_OF_AN_ORGANIZATION, organization=organization)
        return row

    @staticmethod
    def is_awaited(organization: Organization, browser: str, tries: int) -> bool:
        """Whether this browser has asked and has not come back with refused posts so many times since."""
        return _waiting(organization=organization, browser=hash_of(browser), tries__lt=tries).exists()

    @staticmethod
    def count_try(browser: str) -> None:
        """Count a refused post of this browser."""
        _waiting(browser=hash_of(browser)).update(tries=F("tries") + 1)

    @staticmethod
    def sent_by(organization: Organization, request_id: str, browser: str) -> "SignInRequest":
        """The open request that a response claims to answer.

        Raises ForeignRequest, RequestAnswered, RequestExpired, OtherBrowser.
        """
        row = SignInRequest.objects.filter(pk=request_id, organization=organization).first()
        if row is None:
            raise refusals.ForeignRequest
        if row.answered_at:
            raise refusals.RequestAnswered
        if row.created_at < timezone.now() - ANSWERED_WITHIN:
            raise refusals.RequestExpired
        if not secrets.compare_digest(row.browser, hash_of(browser)):
            raise refusals.OtherBrowser
        row.organization = organization
        return row

    def answer(self, **outcome: Any) -> None:
        """Mark the request as answered; of two answers at once one is refused. Raises RequestAnswered."""
        is_first = SignInRequest.objects.filter(pk=self.pk, answered_at=None).update(
            answered_at=timezone.now(), outcome=outcome
        )
        if not is_first:
            raise refusals.RequestAnswered

    @staticmethod
    def prune() -> int:
        return delete_in_steps(SignInRequest.objects.filter(created_at__lt=timezone.now() - 24 * ANSWERED_WITHIN))


def _waiting(**whose: Any) -> QuerySet[SignInRequest]:
    return SignInRequest.objects.filter(
        purpose=SignInRequest.Purpose.SIGN_IN,
        answered_at=None,
        created_at__gt=timezone.now() - ANSWERED_WITHIN,
        **whose,
    )


def _keep_newest(most: int, **whose: Any) -> None:
    beyond = _waiting(**whose).order_by("-created_at").values_list("created_at", flat=True)[most : most + 1]
    for moment in beyond:
        _waiting(**whose).filter(created_at__lte=moment).delete()
