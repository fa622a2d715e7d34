"""What release 2e72765 wrote is read still: dotted paths, salts and names of keys are data.

The values were written by that release's own code with the SECRET_KEY below. Since then the table holds a hash of a
session's key.
"""

import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, SecondFactor, Session
from members.models.second_factor import RecoveryCode
from members.sealing import unseal
from members.sessions import key_hash
from tests.cast import OPERATOR

SECRET_KEY = "what both releases sign and seal with"
ACCOUNT = {"pk": 2, "password": "md5$salt$0101d880a9f246cdc2d24a47da1bf31e"}
SIGNED_IN_AT = 1795869020.5
SESSION_KEY = "an8o3owtpvbq5ia48kd9qfjx5ntvekou"
SESSION_DATA = (
    ".eJxVjs0OgjAQhN-lZ0O2lP4sR5_AN2i2dCuNUhMKMcb47kLiAa8z883MW3hal9GvlWefo-hFK05HLdBw47IbE0-B59rUfC25NBeq9fmY4_kX-KNGquOG"
    "JNTOamMSWh0woAVHnbRmAKXROOdsiuxaF0GyQlCkkpGcNKCSysB-ZV_j6HPxtIhe2q3RILTQaJASZXdMhJcfHpFFn-he-fMFG6JFQg:1xXHZM:"
    "hmAzfcfRZ0YK8BA5RrlSO1HmFeIDof13hcAmovu5BXo"
)
SEALED = (
    "gAAAAABrCslcYNs0xdazIxNm3bERkiCK11B4D8zAeLtHkjKo6-GwX1x13SYeSpjDsgvPRl1IwoS1XjPumtSvuEXVpsKPf0EtB1ViWn2uuIv4uS4Txp_nCI-"
    "x2XDMljJo_pyPwgm31seS"
)
RECOVERY_CODE = "r4bw-qvjp-6t9x"
RECOVERY_HASH = "1cffc62f55e408cf041c6dcb0ecb02820619585496b0533701ce5859cf2c9d7e"


@pytest.fixture
def owner(db: Any, settings: Any) -> Account:
    settings.SECRET_KEY = SECRET_KEY
    account = Account(
        **ACCOUNT, type=Account.Type.NULAB, user_name="aiko@aozora.example", email="aiko@aozora.example", language="en"
    )
    account.save(force_insert=True)
    return account


def test_who_was_signed_in_stays_signed_in(client: Client, owner: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr("members.sessions.time", SimpleNamespace(time=lambda: SIGNED_IN_AT + 3600))
    until = timezone.now() + datetime.timedelta(hours=1)
    Session.objects.create(
        session_key=key_hash(SESSION_KEY), session_data=SESSION_DATA, expire_date=until, account=owner
    )
    client.cookies["session"] = SESSION_KEY

    answer = client.get(reverse("profile"))

    assert answer.status_code == 200
    assert answer.context["user"] == owner


def test_a_second_factor_can_be_read(owner: Account) -> None:
    factor = SecondFactor.objects.create(account=owner, secret=SEALED, last_step=1)
    RecoveryCode.objects.create(factor=factor, hash=RECOVERY_HASH)

    assert unseal(factor.secret) == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    factor.accept(RECOVERY_CODE, by=OPERATOR)
    assert not factor.recovery_codes.exists()
