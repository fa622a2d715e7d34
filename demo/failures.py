"""The failures of the demo organization's last two weeks, of every kind that happens in practice."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid5

from demo import entra
from demo.people import NAMESPACE
from members.models.address_refusals import AddressTakenHere
from members.models.member.refusals import IsNulabAccount, NeedsUpdate, UniqueIdTaken
from members.refusals import Refusal
from members.values_refusals import DomainNotVerified, InvalidRole
from provisioning.scim.users.refusals import NoSuchUser
from provisioning.scim.wire.refusals import InvalidFilter


@dataclass(frozen=True, slots=True)
class Failure:
    subject: str
    request: entra.Request
    status: int
    refusal: Refusal
    cycles_ago: int
    times: int = 1


def _stranger(name: str, user_name: str, role: str = "USER") -> entra.Person:
    given, _, family = name.partition(" ")
    object_id = str(uuid5(NAMESPACE, f"stranger {user_name}"))
    return entra.Person(object_id, given, family, name, user_name, user_name, role=role)


GONE = "3f0c7b6a-5a6f-4c11-8f0c-6b0d2f6e1f0e"


def failures(scim_id: Callable[[str], str]) -> list[Failure]:
    """The failures. `scim_id` gives the id of the person with a local part."""
    return [
        # Two people of the same name: the directory gave the second one the first one's address.
        Failure(
            "Haruto Sato",
            entra.create(_stranger("Haruto Sato", "haruto.sato@aozora.example")),
            409,
            AddressTakenHere(member="Haruto Sato"),
            cycles_ago=31,
        ),
        Failure(
            "Ji-woo Park",
            entra.create(_stranger("Ji-woo Park", "j.park@old-domain.example")),
            400,
            DomainNotVerified(domain="old-domain.example"),
            cycles_ago=4,
            times=20,
        ),
        Failure(
            "Sakura Ito",
            entra.change(scim_id("sakura.ito"), {"displayName": ""}, {"displayName": "Sakura Ito"}, compliant=False),
            403,
            NeedsUpdate(member="Sakura Ito"),
            cycles_ago=12,
            times=4,
        ),
        Failure(
            "Noah Kimura",
            entra.switch(scim_id("noah.kimura"), False, compliant=False),
            403,
            IsNulabAccount(member="Noah Kimura"),
            cycles_ago=57,
            times=2,
        ),
        Failure(
            "Zoe Adams",
            entra.create(_stranger("Zoe Adams", "zoe.adams@aozora.example", role="msiam_access")),
            400,
            InvalidRole(value="msiam_access"),
            cycles_ago=140,
            times=3,
        ),
        Failure(
            "Emma Larsen",
            entra.change(scim_id("emma.larsen"), {}, {"nickName": "mei"}, compliant=False),
            409,
            UniqueIdTaken(unique_id="mei", member="Mei Watanabe"),
            cycles_ago=205,
        ),
        Failure(
            "",
            entra.Request("GET", "/Users?filter=title%20eq%20%22Manager%22"),
            400,
            InvalidFilter(filter='title eq "•••"', problem="title cannot be filtered"),
            cycles_ago=260,
        ),
        Failure("", entra.switch(GONE, False, compliant=False), 404, NoSuchUser(id=GONE), cycles_ago=330),
    ]
