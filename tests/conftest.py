"""What every test stands on: settings, databases, a browser, a server process."""

import atexit
import gc
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

# Whatever is imported and collected stays to the end: no garbage is sought in it (pytest_collection_finish).
gc.disable()
# Room of a megabyte for the frames of a test's calls. CPython keeps them in pieces of 16 KB: a loop whose calls begin a
# new piece takes memory from the system and gives it back each time, which took ten times the work in it.
runtestprotocol.__code__ = runtestprotocol.__code__.replace(co_stacksize=2**17)
_keys = Path(tempfile.mkdtemp(prefix="saml-"))
atexit.register(shutil.rmtree, _keys, ignore_errors=True)

# Before Django loads: whatever the developer's shell says, tests see the same site.
# Only DATABASE_URL is theirs to choose.
for name in (
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "REDIRECT_TO_HTTPS",
    "SUPPORT_URL",
    "DEMO_IDP_URL",
    "DEMO_APP_URL",
    "APP_URLS",
    "METRICS_TOKEN",
    "REPLICA_URL",
):
    os.environ.pop(name, None)
os.environ.update(
    DJANGO_SETTINGS_MODULE="nulab_org.settings",
    DEBUG="0",
    PORT="8000",
    # A worker of xdist has read its settings from the main process's environment by now.
    SECRET_KEY=os.environ["SECRET_KEY"] if "PYTEST_XDIST_WORKER" in os.environ else secrets.token_hex(),
    BASE_URL="http://localhost:8000",
    EMAIL_URL="memorymail://",
    TXT_LOOKUP="demo.dns.txt_records",
    LOG_LEVEL="WARNING",
    # Tests come as fast as they can; those of the limit set one.
    SCIM_RATE="0",
    API_RATE="0",
    SAML_SP_KEY=str(_keys / "pair" / "sp.key"),
    SAML_SP_CERTIFICATE=str(_keys / "pair" / "sp.crt"),
    SET_SIGNING_KEYS=str(_keys / "sets.pem"),
    # Playwright runs an event loop in the test's thread; the ORM would refuse to work there.
    DJANGO_ALLOW_ASYNC_UNSAFE="1",
)

from django.core.servers.basehttp import WSGIRequestHandler  # noqa: E402  once the settings are chosen

from saml.sso.keys import make_pair  # noqa: E402  once the settings are chosen

# The shell is the same Chromium without a window around the page, which took as much of the processor as the page, and
# most of a second for each picture.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-quic",
]


# Rooms and modules whose tests run on PostgreSQL only: who may open what, words of pages and mails, forms step by step,
# what stands in a file or in an IdP's message, what has a database of its own. Their rows come and go through verbs
# that tests/members/models holds on both databases. Whatever filters, lists, searches, counts, locks or races stays off
# this list, and runs on both.
ONCE = """
    access api/webhooks/test_addresses browser demo documents members/console members/own
    members/mail/test_letters members/mail/test_notices
    members/newcomers/test_hostile_lists members/newcomers/test_lists_of_people
    members/organization/test_exports members/organization/test_general_page
    members/organization/test_get_started
    members/people/test_member_changes members/people/test_member_keepers members/people/test_member_page
    members/people/test_not_offered
    members/sign_in/test_flows_out_of_order members/sign_in/test_one_time_links members/sign_in/test_passwords
    members/sign_in/test_recent_sign_in members/sign_in/test_second_factor members/sign_in/test_signin
    members/sign_in/test_signin_steps members/sign_in/test_unsent_forms
    operations/test_log_masking operations/test_migrations_under_load operations/test_serving operations/test_settling
    operations/test_static_files provisioning/test_guides provisioning/test_remedies
    saml/test_allowed saml/test_chains saml/test_documents saml/test_encryption saml/test_idp
    saml/test_idp_reports saml/test_messages saml/test_metadata saml/test_pasted saml/test_refusals
    saml/test_settings saml/test_sign_in saml/test_test_sign_in scim/test_authorization scim/test_clients
    scim/test_discovery scim/test_masking
""".split()  # noqa: SIM905  words without their quotes


def pytest_configure() -> None:
    make_pair(_keys / "pair" / "sp.key", _keys / "pair" / "sp.crt", "sp.test")
    # Ending the tests with SIGTERM cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Static files straight from their sources: nothing needs collecting.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    # The demo, as with DEBUG, but silent until a test turns that on.
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "demo"]
    if os.environ.get("REPEATED_QUERIES") != "unwatched":
        _watch_repeated_queries(settings)

    import hypothesis

    # On a busy machine a slow example is not a failure.
    hypothesis.settings.register_profile("suite", deadline=None, max_examples=60)
    hypothesis.settings.load_profile("suite")


def _watch_repeated_queries(settings: Any) -> None:
    """A view that asks the database the same thing for each row of a page fails its test (zeal).

    That is the same on every database: bin/test does it in its first pass.
    """
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "zeal"]
    settings.MIDDLEWARE = ["zeal.middleware.zeal_middleware", *settings.MIDDLEWARE]
    # Each of several verbs in a row locks the organization.
    # A form of the Django admin that a verb refuses is shown again, which reads its row again.
    settings.ZEAL_ALLOWLIST = [
        {"model": "members.Organization", "field": "get()"},
        {"model": "members.DeletedAccount", "field": "get()"},
        # Each of several verbs in a row says in its mail who the administrators are then.
        {"model": "members.Organization", "field": "members"},
        # Each of several verbs for one account asks where else it has a place, if it has one.
        {"model": "members.Account", "field": "memberships"},
    ]


def pytest_sessionstart(session: pytest.Session) -> None:
    # A worker of xdist that inherits it starts Django before its own conftest has chosen the apps.
    os.environ.pop("DJANGO_SETTINGS_MODULE")
    # Not `pytest_plugins`: the cast needs the models, which are there only now.
    session.config.pluginmanager.import_plugin("tests.cast")
    session.config.pluginmanager.import_plugin("tests.cast.server")
    session.config.pluginmanager.import_plugin("tests.cast.post")
    session.config.pluginmanager.import_plugin("tests.scim")
    session.config.pluginmanager.import_plugin("tests.api")
    session.config.pluginmanager.import_plugin("tests.access.world")
    session.config.pluginmanager.import_plugin("tests.cast.browser")
    session.config.pluginmanager.import_plugin("tests.cast.demo_idp")
    session.config.pluginmanager.import_plugin("tests.cast.saml_idp")
    session.config.pluginmanager.import_plugin("tests.cast.smtp")
    session.config.pluginmanager.import_plugin("tests.cast.faulty_site")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks what ONCE says before `-m` asks for it, and puts what takes minutes in front of the shuffled rest.

    One worker of xdist gets all of it with its first tests, and with it the only browser, unless another has nothing
    else left to do.
    """
    for item in items:
        # The site of tests/cast/faulty_site.py has a PostgreSQL of its own.
        has_own_site = "site" in getattr(item, "fixturenames", ())
        if has_own_site or _is_named_once(item.path):
            item.add_marker(pytest.mark.once)
    yield
    items.sort(key=_place)


# Asked for each of thousands of tests.
@cache
def _is_named_once(path: Path) -> bool:
    module = path.relative_to(Path(__file__).parent).with_suffix("")
    return any(module.is_relative_to(room) for room in ONCE)


def _place(item: pytest.Item) -> tuple[bool, str, bool]:
    has_deployment = "deployment" in item.keywords
    # The last of their modules leaves the site of deploy/ as it needs it.
    module = item.path.name if has_deployment else ""
    return not has_deployment, module, not any(mark in item.keywords for mark in ("browser", "slow"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """The tests, Django and the models are never garbage. Looking through them took a seventh of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def context_of_the_page_alone(django_test_environment: None) -> None:
    """`response.context` is the page's: Django's tests copy that of each template within, fifty of them on a page."""
    from django.template.base import Template
    from django.test.signals import template_rendered

    def render(template: Template, context: Any) -> Any:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    # As Django itself does; with its test environment it ends.
    Template._render = render  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def locked_organizations_are_single(django_test_environment: None) -> Iterator[None]:
    """The organization that a verb locks is no row of a list, as one that `.get()` found: zeal may know it."""
    from zeal.listeners import n_plus_one_listener

    from members.models import changing

    lock = changing._lock

    def lock_and_tell(organizations: Any, *more: Any) -> None:
        lock(organizations, *more)
        for organization in organizations:
            n_plus_one_listener.ignore(f"{organization._meta.label}:{organization.pk}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changing, "_lock", lock_and_tell)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """SQLite's test database is a file: keep it, and its journals, out of the checkout."""
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="sqlite-") as folder:
        database = settings.DATABASES["default"]
        if database["ENGINE"].endswith("sqlite3"):
            database["TEST"]["NAME"] = str(Path(folder) / Path(database["TEST"]["NAME"]).name)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """PostgreSQL drops no database that somebody uses, such as the last request of a browser that has been closed."""
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.fail(
            "The browser tests need Chromium. Type: sudo apt-get install chromium-headless-shell", pytrace=False
        )
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture
def live_server(live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """pytest-django's, with the site's own addresses pointing at it.

    It writes headers and body one after the other: with Nagle's algorithm the second waits 40 ms for the reader's word
    on the first, at each request of a connection that is kept.
    """
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    settings.BASE_URL = live_server.url
    return live_server
