"""AUTH_PASSWORD_VALIDATORS: Django's rules, each with a sentence that says what to do."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("This password is too short. Use at least %(least)d characters.") % {"least": self.min_length}


class NotCommon(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("This password is a common one, which is easily guessed. Choose another one.")


class UnlikeTheAddress(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("This password is too much like your address. Choose another one.")
