import datetime
import hashlib

from django.db import models
from django.utils import timezone

from members.models import Organization
from members.pruning import delete_in_steps

# Time that a row outlives its assertion: longer than any clock may be off.
GRACE = datetime.timedelta(minutes=10)


class UsedAssertion(models.Model):
    """An assertion signs in once: its row outlives its validity, over all processes and restarts."""

    organization = models.ForeignKey(Organization, models.CASCADE, db_index=False, related_name="+")
    # SHA-256 of the issuer and the assertion's ID, which may be of any length.
    digest = models.CharField(max_length=64)
    valid_until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="saml_assertion_once")]

    def __str__(self) -> str:
        return self.digest

    @staticmethod
    def use(organization: Organization, issuer: str, assertion_id: str, valid_until: datetime.datetime) -> bool:
        """Use the assertion up; False if it has been used. Of two at once the constraint lets one through."""
        digest = hashlib.sha256(f"{issuer}\n{assertion_id}".encode()).hexdigest()
        _row, is_new = UsedAssertion.objects.get_or_create(
            organization=organization, digest=digest, defaults={"valid_until": valid_until}
        )
        return is_new

    @staticmethod
    def prune() -> int:
        return delete_in_steps(UsedAssertion.objects.filter(valid_until__lt=timezone.now() - GRACE))
