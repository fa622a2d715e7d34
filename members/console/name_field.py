"""The name of a person, as it is typed into a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import values
from members.keys import plain


class NameField(forms.CharField):
    """A name that has to be seen: of one that shows nothing the verbs would make the address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Name"), max_length=values.MAX_NAME, **options)

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value) or "")
