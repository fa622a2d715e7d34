"""The static files as production collects them, for what runs with DEBUG off.

    python -m tests.static_files

collects them, with the settings that the environment says.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders


def collect_static_files() -> None:
    """Takes twenty seconds the first time; later nothing, until a file is newer."""
    build = Path(settings.BASE_DIR) / "build"
    build.mkdir(exist_ok=True)
    with (build / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manifest = build / "static" / "staticfiles.json"
        if not manifest.exists() or manifest.stat().st_mtime <= _changed_at():
            command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
            subprocess.run(command, cwd=settings.BASE_DIR, check=True)


def _changed_at() -> float:
    """When the newest of the static files was written, ours or a package's."""
    files = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([]))
    return max(file.stat().st_mtime for file in files)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
    django.setup()
    collect_static_files()
