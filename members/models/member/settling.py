"""A member brought to what team rules and its own role and licences make of it."""

from members.actors import Actor
from members.models.member.licences import LicenceVerbs
from members.models.member.role import RoleVerbs


class SettlingVerbs(RoleVerbs, LicenceVerbs):
    class Meta:
        abstract = True

    def settle(self, *, by: Actor) -> None:
        """Bring role and licences to what the rules give. What is refused is noted with its reason; nothing is raised.

        Raises DoesNotExist when the member has gone meanwhile.
        """
        with self.locked():
            self.settle_role(by=by)
            self.settle_licences(by=by)
