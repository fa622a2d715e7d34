"""Settings of processes that answer requests; `manage.py`, whose work may take its time, has none of them."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver

_FOLDER = f"nulab-org-{os.getuid()}-"


def share_counts() -> None:
    """Let the workers of one server count in one folder, deleted after it. Called before the first counter is made."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{_FOLDER}*"):
        if not _is_alive(old.name.removeprefix(_FOLDER)):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / f"{_FOLDER}{os.getppid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else; set PROMETHEUS_MULTIPROC_DIR.")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


def settle() -> None:
    """Load the addresses with what they need, and leave everything loaded out of the search for garbage.

    The search stops all threads for a tenth of a second if it looks at every module, too; so does loading them with
    the first request.
    """
    assert get_resolver(settings.LOADED_AT_START).url_patterns
    gc.collect()
    gc.freeze()


def bound_waiting() -> None:
    """Bound the waits for the database, so that one waiting request does not stop the site. Runs before connecting."""
    for database in connections.settings.values():
        bound = _bound_sqlite if database["ENGINE"].endswith("sqlite3") else _bound_postgresql
        bound(database)


def _bound_postgresql(database: dict[str, Any]) -> None:
    options = database["OPTIONS"]
    lock, statement = settings.DATABASE_LOCK_TIMEOUT, settings.DATABASE_STATEMENT_TIMEOUT
    limits = f"-c lock_timeout={lock} -c statement_timeout={statement}"
    options["options"] = f"{options.get('options', '')} {limits}".strip()
    options.setdefault("connect_timeout", settings.DATABASE_CONNECT_TIMEOUT)
    # A server whose machine has gone says nothing: noticed after about ten seconds, not after a quarter of an hour.
    options.setdefault("tcp_user_timeout", 10_000)
    options.setdefault("keepalives_idle", 5)
    options.setdefault("keepalives_interval", 2)
    options.setdefault("keepalives_count", 3)


def _bound_sqlite(database: dict[str, Any]) -> None:
    database["OPTIONS"]["timeout"] = settings.DATABASE_LOCK_TIMEOUT / 1000
    # A file that has gone is a fault; without `mode` it would be made anew, empty.
    database["NAME"] = f"{Path(database['NAME']).resolve().as_uri()}?mode=rw"
