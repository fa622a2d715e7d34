import gc
import os
import signal
import threading

# Garbage is sought rarely in what is loaded, most of which stays: settle() leaves it out for good.
usual = gc.get_threshold()
gc.set_threshold(10_000)

if threading.current_thread() is threading.main_thread():
    # A worker that is to end while it loads: it has inherited a handler of granian's main process that does nothing
    # here, so it would load to the end, serve, and be killed in the middle of requests. granian sets its own later.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

import django

from operations import gathering
from operations.web import bound_waiting, settle, share_counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")

share_counts()
django.setup(set_prefix=False)

from operations.handler import Handler, spare_signals  # needs the apps

application = Handler()
bound_waiting()
spare_signals()
settle()
gc.set_threshold(*usual)
gathering.begin()
