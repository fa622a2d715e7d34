"""A small identity provider that provisions as Microsoft Entra ID does, one person at a time."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from demo import entra
from demo.directory import people_at
from demo.entra import Person, Request
from demo.scim_client import Endpoint, Exchange, send
from demo.sign_on import ServiceProvider

REMEMBERED = 25


@dataclass
class Place:
    """A person's place on the site, as far as the identity provider knows it."""

    scim_id: str = ""
    resource: dict[str, Any] = field(default_factory=dict)
    # The attributes as they arrived last: what differs from them is sent again.
    arrived: dict[str, str] = field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        return bool(self.resource.get("active"))


class NotConnectedError(Exception):
    pass


class IdentityProvider:
    def __init__(self) -> None:
        self.endpoint: Endpoint | None = None
        # Organization for sign-ins that begin here: the connected one, or the last that sent somebody.
        self.provider: ServiceProvider | None = None
        self.domain = "aozora.example"
        self.people = people_at(self.domain)
        self.places: dict[str, Place] = {}
        self.exchanges: deque[Exchange] = deque(maxlen=REMEMBERED)
        # Result of the last action, until a page has shown it.
        self.outcome: tuple[bool, str] | None = None

    def connect(self, tenant_url: str, token: str, domain: str) -> None:
        """Another endpoint or domain: nothing is known of anybody's place there."""
        self.endpoint = Endpoint.from_tenant_url(tenant_url, token)
        self.provider = ServiceProvider.of_scim_url(tenant_url)
        self.domain, self.people, self.places = domain, people_at(domain), {}
        self.test()

    def test(self) -> None:
        exchange = self._send(entra.test_connection())
        if exchange.is_success and "totalResults" in exchange.answer:
            self.outcome = True, "The connection works."
        else:
            self._tell("The connection does not work", exchange)

    def rows(self) -> Iterator[tuple[str, Person, Place | None]]:
        for key, person in self.people.items():
            yield key, person, self.places.get(key)

    def create(self, key: str) -> None:
        """Entra looks for the person first, and brings a match up to date instead of creating it again.

        It provisions nobody who is disabled, so whoever is created is enabled.
        """
        self.people[key] = person = replace(self.people[key], is_enabled=True)
        if place := self._find(key):
            self._update(key, place)
            return
        exchange = self._send(entra.create(person))
        if exchange.is_success:
            self._remember(key, exchange.answer, person.attributes())
        self._tell(f"Created {person.display_name}", exchange)

    def change(self, key: str, **fields: Any) -> None:
        """Changed in the directory; sent on if the person has been provisioned."""
        self.people[key] = person = replace(self.people[key], **fields)
        if key not in self.places:
            self.outcome = True, f"Changed in the directory. {person.display_name} is not provisioned yet."
        elif place := self._find(key):
            self._update(key, place)
        else:
            self.create(key)

    def deactivate(self, key: str) -> None:
        self._switch(key, False)

    def reactivate(self, key: str) -> None:
        self._switch(key, True)

    def delete(self, key: str) -> None:
        person = self.people[key]
        place = self._find(key)
        if place is None:
            self.outcome = True, f"{person.display_name} is not there, so there is nothing to delete."
            return
        exchange = self._send(entra.delete(place.scim_id))
        if exchange.is_success or exchange.status == 404:
            del self.places[key]
        self._tell(f"Deleted {person.display_name}", exchange)

    def _switch(self, key: str, is_enabled: bool) -> None:
        self.people[key] = person = replace(self.people[key], is_enabled=is_enabled)
        place = self._find(key)
        if place is None:
            self.outcome = True, f"Changed in the directory. {person.display_name} is not provisioned yet."
            return
        exchange = self._send(entra.switch(place.scim_id, is_enabled, compliant=self._is_compliant))
        if exchange.is_success:
            self._remember(key, exchange.answer, place.arrived | {"active": str(is_enabled)})
        self._tell(f"{'Reactivated' if is_enabled else 'Deactivated'} {person.display_name}", exchange)

    def _update(self, key: str, place: Place) -> None:
        person = self.people[key]
        wanted = person.attributes()
        request = entra.change(place.scim_id, place.arrived, wanted, compliant=self._is_compliant)
        if not request.body or not request.body["Operations"]:
            self.outcome = True, f"{person.display_name} is there already, and nothing differs."
            return
        exchange = self._send(request)
        if exchange.is_success:
            self._remember(key, exchange.answer, wanted)
        self._tell(f"Changed {person.display_name}", exchange)

    def _find(self, key: str) -> Place | None:
        """Look the person up by the known id, else by userName; a person who is not found is forgotten."""
        place = self.places.get(key)
        if place:
            exchange = self._send(entra.read(place.scim_id))
            if exchange.is_success:
                return self._remember(key, exchange.answer, place.arrived)
        exchange = self._send(entra.search(self.people[key].user_name))
        found = exchange.answer.get("Resources") if exchange.is_success else None
        if found:
            return self._remember(key, found[0], _attributes_of(found[0]))
        self.places.pop(key, None)
        return None

    def _remember(self, key: str, resource: dict[str, Any], arrived: dict[str, str]) -> Place:
        self.places[key] = place = Place(str(resource.get("id", "")), resource, arrived)
        return place

    def _send(self, request: Request) -> Exchange:
        if self.endpoint is None:
            raise NotConnectedError
        exchange = send(self.endpoint, request)
        self.exchanges.appendleft(exchange)
        return exchange

    def _tell(self, done: str, exchange: Exchange) -> None:
        self.outcome = exchange.is_success, f"{done}. {exchange.verdict}" if exchange.is_success else exchange.verdict

    @property
    def _is_compliant(self) -> bool:
        return self.endpoint is not None and self.endpoint.is_compliant


def _attributes_of(resource: dict[str, Any]) -> dict[str, str]:
    """A found person's attributes by the paths of the attribute mapping."""
    name = resource.get("name") or {}
    email: dict[str, Any] = next((entry for entry in resource.get("emails") or [] if entry.get("type") == "work"), {})
    role: dict[str, Any] = next((entry for entry in resource.get("roles") or [] if entry.get("primary")), {})
    values = {
        "userName": resource.get("userName"),
        entra.WORK_EMAIL: email.get("value"),
        "displayName": resource.get("displayName"),
        "name.givenName": name.get("givenName"),
        "name.familyName": name.get("familyName"),
        "name.formatted": name.get("formatted"),
        "preferredLanguage": resource.get("preferredLanguage"),
        entra.PRIMARY_ROLE: role.get("value"),
        "nickName": resource.get("nickName"),
        "active": resource.get("active", True),
    }
    return {path: str(value) for path, value in values.items() if value not in (None, "")}
