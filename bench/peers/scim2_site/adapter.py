from typing import Any

from django_scim.adapters import SCIMUser


class Adapter(SCIMUser):
    """Its own adapter, which leaves `replace` to whoever uses it."""

    def handle_replace(self, path: Any, value: Any, operation: dict[str, Any]) -> None:
        name = path.first_path[0]
        if name == "active":
            self.obj.is_active = value
        elif name == "displayName":
            self.obj.first_name, _, self.obj.last_name = str(value)[:150].partition(" ")
        self.obj.save()
