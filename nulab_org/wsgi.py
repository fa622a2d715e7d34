import os

import django

from operations import gathering
from operations.web import bound_waiting, settle, share_counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")

share_counts()
django.setup(set_prefix=False)

from operations.handler import Handler, spare_signals  # noqa: E402  needs the apps

application = Handler()
bound_waiting()
spare_signals()
settle()
gathering.begin()
