from django.utils.translation import gettext_lazy as _

from members.navigation import ACCESS, Entry, add_entry

add_entry(Entry(ACCESS, _("SAML authentication"), "shield-lock", "saml", 1))
