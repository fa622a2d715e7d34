from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django_scim.models import AbstractSCIMUserMixin


class User(AbstractSCIMUserMixin, AbstractUser):
    """Django's user, with what django-scim2 asks of it."""

    username = models.CharField(max_length=254, unique=True)

    class Meta:
        app_label = "scim2_site"

    @property
    def scim_groups(self) -> Any:
        return Group.objects.filter(user=self)
