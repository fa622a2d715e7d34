#!/usr/bin/env python
import gc
import os
import sys

from django.core.management import execute_from_command_line

from operations.command_errors import require_text, sentence_about

if __name__ == "__main__":
    # Loading makes much and leaves hardly any garbage; seeking it takes up to a tenth of a short command's time.
    gc.set_threshold(10_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
    try:
        require_text(sys.argv)
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        # 128 and the number of the signal, as shells say it.
        sys.exit(130)
    except Exception as error:
        sentence = sentence_about(error, sys.argv)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)
