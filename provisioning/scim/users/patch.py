"""PATCH of a User: one address and one role are kept, which is what most operations mean, however they put it."""

import re
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.scim.users.attributes import EXTENSION, USER
from provisioning.scim.users.dialects import MULTIPLE, SentUser, chosen_email, clean_entry, role_named, unused_emails
from provisioning.scim.users.resource import NULAB, User
from provisioning.scim.wire import refusals
from provisioning.scim.wire.patch import Patch
from provisioning.scim.wire.quoting import QUOTED
from provisioning.scim.wire.sent import is_empty, loaded, text, unpacked

_TYPE = re.compile(r"\btype\b", re.IGNORECASE)
_LITERAL = re.compile(QUOTED, re.DOTALL)
# Attributes that always have a value: removing one leaves it.
LASTING = ("active",)


class UserPatch(Patch):
    attributes, sent, model = USER, SentUser, User
    # Whether an operation gives a role, also the one that there is.
    sends_role = False

    def _write_at(self, op: str, path: str, name: str, sub: str, *, is_filtered: bool, value: Any) -> None:
        if name in MULTIPLE and (sub.casefold() == "primary" or (name, sub.casefold()) == ("roles", "type")):
            # One address and one role are kept: they are the primary ones.
            self.ignored.append(path)
        elif not is_filtered and not sub:
            self._write_whole(op, name, value)
        elif name in MULTIPLE and op != "remove" and (name == "roles" or not _TYPE.search(path)):
            # There is one role and one address: whichever entry is meant, also one that is not there, it is that.
            self._write_whole(op, name, {"value": value} if sub and (name == "roles" or not is_empty(value)) else value)
        else:
            self._write(op, self._spelled(path, name, sub), name, self._sub_value(name, sub, value, path))

    def _write_whole(self, op: str, name: str, value: Any) -> None:
        sent = self.sent({name: loaded(value) if name == "name" else value})
        self.ignored += sent.ignored
        self._write_attribute(op, name, sent.stored.get(name))

    def _spelled(self, path: str, name: str, sub: str) -> str:
        if name == NULAB:
            return f"{NULAB}:{EXTENSION}"
        if name == "roles":
            # A role is known by its display name as well, as in filters.
            path = _LITERAL.sub(_of_role, path)
        return path if "[" in path or " " in path else f"{name}.{USER.canonical_sub(name, sub)}"

    def _sub_value(self, name: str, sub: str, value: Any, path: str) -> Any:
        value = unpacked(value)
        if is_empty(value):
            return None
        known = USER.canonical_sub(name, sub) if sub else ""
        if known:
            return text(path, value)
        if isinstance(value, str) and name in MULTIPLE:
            return {"value": value}
        if isinstance(value, dict):
            return clean_entry(name, value)
        raise refusals.WrongType(path=path, problem=_("an object"))

    def _write_attribute(self, op: str, name: str, value: Any) -> None:
        """A whole attribute. A complex one is written part by part, so that the other parts stay."""
        if name == "name" and op != "remove" and value is not None:
            for sub, inner in value.items():
                self._write(op, f"name.{sub}", name, inner)
        else:
            self._write(op, name, name, value)

    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        # Only null and an empty list take every entry away; entries without a value say nothing (dialects.py).
        if path in MULTIPLE and (value == [] or (op == "add" and value is None)):
            return
        is_removal = op == "remove" or value is None
        if is_removal and name == "userName":
            raise refusals.CannotBeRemoved(path="userName")
        if is_removal and name in LASTING:
            # Operations without a value: the present value is not one that the client has sent.
            self.ignored.append(path)
            return
        if path == "emails" and not is_removal:
            self._write_email(value)
            return
        if not (is_removal and name == "emails"):
            # A removal of what is not there sends no address: the one that there is goes on following userName.
            self.named.add(name)
        if is_removal:
            # [Entra] removes the entries that it names, not all of them.
            entries = {"value": value} if op == "remove" and path in MULTIPLE and value else {}
            self._append({"op": "remove", "path": path, **entries})
        else:
            # [Entra] adds roles and e-mail addresses where it means to set them, and adding a value to a
            # single-valued attribute sets it (RFC 7644 §3.5.2.1): the same as replacing.
            self.sends_role |= name == "roles"
            self._append({"op": "replace", "path": path, "value": value})

    def _write_email(self, entries: list[dict[str, Any]]) -> None:
        """Set the one address that is kept, so that a later operation meets what a later request would."""
        email = chosen_email(entries)
        self.ignored += unused_emails(entries, email)
        # Another address, of a type that is not kept, must not take the place of the one that is.
        if email is not None:
            self.named.add("emails")
            self._append({"op": "replace", "path": "emails", "value": [email]})


def _of_role(literal: re.Match[str]) -> str:
    role = role_named(literal[0][1:-1])
    return f'"{role.value}"' if role else literal[0]
