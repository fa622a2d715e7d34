"""The environment, of which a value that cannot be read is refused by its name."""

import warnings
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """All of it raises ImproperlyConfigured. Addresses are not repeated, since they may hold passwords."""

    def get_value(self, var: Any, cast: Any = None, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **options)
        except ValueError:
            raise ImproperlyConfigured(f"{var} must be a number, not {self.ENVIRON[var]!r}") from None

    def one_of(self, var: str, *values: str, default: str) -> str:
        value: str = self.get_value(var, str, default)
        if value not in values:
            raise ImproperlyConfigured(f"{var} must be one of {', '.join(values)}, not {value!r}")
        return value

    def db_url(self, var: str = "DATABASE_URL", *args: Any, **options: Any) -> dict[str, Any]:
        found = _address(super().db_url, var, *args, **options)
        if found.get("ENGINE") not in ("django.db.backends.postgresql", "django.db.backends.sqlite3"):
            raise ImproperlyConfigured(f"{var} must be such as postgres://user:password@host:5432/name")
        return found

    def email_url(self, var: str = "EMAIL_URL", *args: Any, **options: Any) -> dict[str, Any]:
        return _address(super().email_url, var, *args, **options)


def _address(read: Any, var: str, *args: Any, **options: Any) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            # About an unknown scheme, with the password.
            warnings.simplefilter("ignore")
            found: dict[str, Any] = read(var, *args, **options)
    except ValueError:
        raise ImproperlyConfigured(f"{var} is an address that cannot be read") from None
    return found
