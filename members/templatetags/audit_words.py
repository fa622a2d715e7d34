"""An audit row's words, for templates: in the language that is active while they are rendered."""

from django import template

from members.log import history

register = template.Library()
register.filter(history.title_of)
register.filter(history.operator_of)
register.filter(history.changes_of)
