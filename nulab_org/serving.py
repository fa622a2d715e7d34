"""granian, with the largest libraries loaded before its workers are forked: they share that memory, and listen sooner.

Nothing of this project is loaded here, so that a worker that replaces another has the code that lies there then. The
libraries are those of the start, and `bin/reload` sees to it. What reads settings or the environment when it is loaded
cannot be among them: models, djangosaml2, prometheus-client.
"""

import gc
import os
from importlib import import_module

from granian.cli import entrypoint

# scim2-models has come with nulab_org itself.
LIBRARIES = ["cryptography.x509", "django.core.handlers.wsgi", "django.db.backends.postgresql.base"]
if "LOADED_AT_START" not in os.environ:
    LIBRARIES.append("saml2.client")

if __name__ == "__main__":
    for library in LIBRARIES:
        import_module(library)
    # The search for garbage would write to the shared pages.
    gc.collect()
    gc.freeze()
    entrypoint()  # type: ignore[no-untyped-call]
