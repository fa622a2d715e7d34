import os

from django.core.wsgi import get_wsgi_application

from operations import gathering
from operations.web import bound_waiting, settle, share_counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")

share_counts()
application = get_wsgi_application()
bound_waiting()
settle()
gathering.begin()
