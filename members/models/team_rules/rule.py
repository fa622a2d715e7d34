"""The rules of an organization, in their order, and the three ways to change them."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.organization import Organization
from members.models.team import Team
from members.models.team_rules import refusals
from members.models.team_rules.brought import Gives, Rule
from members.models.team_rules.following import follow_rules

MAX_RULES = 100


class TeamRuleManager(models.Manager["TeamRule"]):
    def create_rule(self, team: Team, gives: Gives, *, by: Actor) -> "TeamRule":
        """A new rule, the last one. Raises RuleIsThere, TooManyRules."""
        organization = team.organization
        with organization.locked(team):
            places = list(organization.team_rules.values_list("place", flat=True))
            if len(places) >= MAX_RULES:
                raise refusals.TooManyRules(most=MAX_RULES)
            if organization.team_rules.filter(team=team, gives=gives).exists():
                raise refusals.RuleIsThere(team=team.name)
            rule = self.create(organization=organization, team=team, gives=gives, place=max(places, default=0) + 1)
            audit.record(
                Event.TEAM_RULE_CREATED, organization, by=by, subject=team.name,
                changes={"gives": ["", gives.value], "place": ["", rule.place]},
            )  # fmt: skip
            follow_rules(organization, by=by)
        return rule

    def given_by(self, teams: Iterable[Team]) -> list[str]:
        """The values of Gives in the rules of these teams."""
        return list(self.filter(team__in=list(teams)).values_list("gives", flat=True))


class TeamRule(models.Model):
    """A role or licence that a team brings to its members. Licences add up; of roles the first one counts."""

    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="team_rules")
    # Without a constraint of the database, which each deletion of a team would look at.
    team = models.ForeignKey(Team, models.CASCADE, db_constraint=False, related_name="rules")
    gives = models.CharField(_("gives"), max_length=8, choices=Gives)
    # From 1, without gaps: the number that people read.
    place = models.PositiveIntegerField(_("place"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamRuleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "gives"], name="team_rule_once")]
        indexes = [models.Index(fields=["organization", "place"], name="team_rules_in_order")]
        ordering = ["place"]
        verbose_name = _("team rule")
        verbose_name_plural = _("team rules")

    def __str__(self) -> str:
        return str(self.as_rule())

    def as_rule(self) -> Rule:
        return Rule(self.place, self.team_id, self.team.name, Gives(self.gives))

    def move(self, place: int, *, by: Actor) -> None:
        """Put the rule at another place, at an end where there is none; those between move up or down by one."""
        with self.organization.locked(self):
            rules = self.organization.team_rules
            place = max(1, min(place, rules.count()))
            before = self.place
            if place == before:
                return
            if place < before:
                rules.filter(place__gte=place, place__lt=before).update(place=F("place") + 1)
            else:
                rules.filter(place__gt=before, place__lte=place).update(place=F("place") - 1)
            self.place = place
            self.save(update_fields=["place"])
            audit.record(
                Event.TEAM_RULE_MOVED, self.organization, by=by, subject=self.team.name,
                changes={"gives": [self.gives, self.gives], "place": [before, place]},
            )  # fmt: skip
            follow_rules(self.organization, by=by)

    def end(self, *, by: Actor) -> None:
        """Delete the rule: what it alone has given goes."""
        with self.organization.locked(self):
            TeamRule.take_out([self], by=by)
            follow_rules(self.organization, by=by)

    @staticmethod
    def take_out(rules: "list[TeamRule]", *, by: Actor) -> None:
        """Delete rules of one organization and close the gaps; the caller lets their members follow."""
        for rule in sorted(rules, key=lambda one: -one.place):
            TeamRule.objects.filter(pk=rule.pk).delete()
            rule.organization.team_rules.filter(place__gt=rule.place).update(place=F("place") - 1)
            audit.record(
                Event.TEAM_RULE_DELETED, rule.organization, by=by, subject=rule.team.name,
                changes={"gives": [rule.gives, ""], "place": [rule.place, ""]},
            )  # fmt: skip
