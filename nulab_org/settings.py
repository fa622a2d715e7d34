"""Addresses and switches, all from the environment. Rules live in the apps.

A value that production cannot do without has no default outside DEBUG: the
start fails and names it. docs/operations.md lists every variable.
"""

import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor  # type: ignore[import-untyped]

from nulab_org.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
# For commands typed beside a site that `make run` has started; the environment wins.
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-development" if DEBUG else env.NOTSET)

# Every absolute address the site writes (SCIM locations, mails, SAML) is built
# from this one, never from the Host header.
PORT = env.int("PORT", default=8000)
BASE_URL = env.str("BASE_URL", default=f"http://localhost:{PORT}" if DEBUG else env.NOTSET).rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in ("http", "https") or not _base.hostname:
    raise ImproperlyConfigured(f"BASE_URL must be an address such as https://apps.example.com, not {BASE_URL!r}.")
IS_HTTPS = _base.scheme == "https"
if not IS_HTTPS and not DEBUG and _base.hostname not in ("localhost", "127.0.0.1"):
    raise ImproperlyConfigured("BASE_URL must start with https:// unless DEBUG is on.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_base.hostname])
if DEBUG:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
# Set to the number of reverse proxies that append to X-Forwarded-For; 0 trusts no header.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "members.support.admin_config.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_filters",
    "template_partials",
    "django_scim",
    "members",
    "saml",
    "provisioning",
    "api",
]
if DEBUG:
    # Accounts with a password that everybody knows.
    INSTALLED_APPS += ["demo"]

MIDDLEWARE = [
    "operations.front_door.FrontDoor",
    "operations.probes.Probes",
    "provisioning.scim.wire.door.ScimDoor",
    "api.wire.door.ApiDoor",
    # Their headers stand on every answer that leaves through them: on files and refusals, too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "members.console.request_size.RequestSizeMiddleware",
    "operations.static_files.StaticFiles",
    # Behind the files, which are compressed once, and behind SCIM's door: docs/decisions/0022.
    "django.middleware.gzip.GZipMiddleware",
    # Before the session, whose row is among the changes.
    "operations.replica.OwnChanges",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.console.privacy.PrivatePagesMiddleware",
    "members.console.preferences.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.console.unsent.UnsentFormMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "members.console.debug_pages.PageNotFound",
    "members.console.form_addresses.FormAddressMiddleware",
    "members.console.pages.RefusalMiddleware",
    "members.sign_in.known_browsers.KnownBrowserMiddleware",
]

# Names by which requests are counted and logged, by the beginning of their path; all others are pages.
DOORS = {
    "scim": re.compile(r"/+spaces/+[^/]+/+scim(/|$)"),
    "api": re.compile(r"/api/v1(/|$)"),
    "saml": re.compile(r"/signin/spaces/"),
    "admin": re.compile(r"/admin/"),
    "static": re.compile(r"/static/"),
    "probe": re.compile(r"/(healthz|readyz|metrics)$"),
}
# Shown while the database is away: it asks neither database nor session.
UNAVAILABLE_VIEW = "members.console.error_pages.unavailable"

ROOT_URLCONF = "nulab_org.urls"
SCIM_URLCONF = "nulab_org.scim_urls"
# The addresses whose code is there before a process answers; that of others comes with the first request for one.
LOADED_AT_START = env.str("LOADED_AT_START", default=ROOT_URLCONF)
WSGI_APPLICATION = "nulab_org.wsgi.application"
APPEND_SLASH = False
# The site stands at the root of its host: Django need not look for another place at each request.
FORCE_SCRIPT_NAME = ""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.console.pages.frame",
            ],
            "builtins": ["members.templatetags.components", "members.templatetags.moments"],
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if "REPLICA_URL" in env:
    # Lists are read there: operations/replica.py.
    DATABASES["replica"] = env.db_url("REPLICA_URL")
    DATABASE_ROUTERS = ["operations.replica.Router"]
for _database in DATABASES.values():
    if not _database["ENGINE"].endswith("sqlite3"):
        # Lets the same code find out what may be repeated: operations/postgresql/base.py.
        _database["ENGINE"] = "operations.postgresql"
        _database["CONN_MAX_AGE"] = None
        # Behind a pooler the next part of a cursor would be asked of another connection.
        _database["DISABLE_SERVER_SIDE_CURSORS"] = True
        # Planning costs more than running our short statements.
        _database["OPTIONS"] = {
            **_database.get("OPTIONS", {}),
            "server_side_binding": True,
            "prepare_threshold": env.int("PREPARE_THRESHOLD", default=2) or None,
        }
        continue
    # A writer takes the lock when its transaction begins, so none fails half-way
    # with "database is locked"; WAL lets readers go on meanwhile.
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, so that threads and processes of a test see one database.
    _database["TEST"] = {"NAME": str(BASE_DIR / "test.sqlite3")}
# Behind a pooler nothing is prepared, unless somebody says that it keeps the statements (PgBouncer 1.21+).
IS_PREPARING_ASKED_FOR = "PREPARE_THRESHOLD" in env
# For the processes that answer requests (operations/web.py); commands may take their time. In milliseconds, but for
# the last, which is in seconds and at least 2, as PostgreSQL's library has it.
DATABASE_LOCK_TIMEOUT = env.int("DATABASE_LOCK_TIMEOUT", default=2000)
DATABASE_STATEMENT_TIMEOUT = env.int("DATABASE_STATEMENT_TIMEOUT", default=8000)
DATABASE_CONNECT_TIMEOUT = env.int("DATABASE_CONNECT_TIMEOUT", default=3)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.Account"
AUTHENTICATION_BACKENDS = [
    "members.signin.PasswordBackend",
    "saml.sso.session.SamlBackend",
]
PASSWORD_HASHERS = [
    "members.sign_in.hashing.BoundedArgon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "members.sign_in.password_rules.UnlikeTheAddress"},
    {"NAME": "members.sign_in.password_rules.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "members.sign_in.password_rules.NotCommon"},
]
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

# Account.user_name_key is the unique one, per scope; auth.E003 looks for USERNAME_FIELD itself.
# Whether a domain is preloaded for HSTS is for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004", "security.W021"]

SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
DEFAULT_EXCEPTION_REPORTER = "members.console.debug_pages.PageInPlaceOfTrace"
CSRF_FAILURE_VIEW = "members.console.error_pages.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS and env.bool("REDIRECT_TO_HTTPS", default=True)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DEMO_APP_URL = env.str("DEMO_APP_URL", default=f"http://localhost:{PORT + 2}")
# Addresses of the apps that a sign-in may lead to, beside this site's own pages.
APP_URLS = [url.rstrip("/") for url in env.list("APP_URLS", default=[DEMO_APP_URL] if DEBUG else [])]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The sign-in form may lead on to an app; browsers hold redirects to this as well.
        "form-action": [SELF, *("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in APP_URLS)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Bytes of a body that a page reads: fields, and files with them. deploy/nginx has the same limit.
MAX_REQUEST_BYTES = 3 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "nulab_org.formats"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
# Of drf_spectacular_sidecar Swagger UI alone: ReDoc, which no page shows, is as large and as slow to compress.
_SWAGGER_UI = "drf_spectacular_sidecar/swagger-ui-dist"
STATICFILES_DIRS = [BASE_DIR / "static", (_SWAGGER_UI, str(files("drf_spectacular_sidecar") / "static" / _SWAGGER_UI))]
# File that browsers ask for by themselves: /favicon.ico.
WHITENOISE_ROOT = BASE_DIR / "public"
STATIC_ROOT = BASE_DIR / "build" / "static"
# Source maps, which only the tools of developers ask for, took most of the time that compressing takes.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else env.NOTSET)
vars().update(EMAIL_CONFIG)
if DEBUG and "EMAIL_URL" not in env:
    # The demo's mails leave this machine no more than its people.
    EMAIL_BACKEND = "demo.mailbox.Mailbox"
# A mail server that is silent holds up nothing but the mails, and those not for long.
EMAIL_TIMEOUT = 10
# Of Message-IDs, which stay the same when a mail is sent again.
MAIL_DOMAIN = _base.hostname
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Nulab <noreply@{_base.hostname}>")

# SAML: one key pair for the site signs requests and opens encrypted assertions; two paths to PEM files.
# On localhost and under DEBUG `manage.py` and the server make a pair of their own.
SAML_MAKES_KEYS = DEBUG or not IS_HTTPS
_own = BASE_DIR / "build" / "saml"
SAML_SP_KEY = env.str("SAML_SP_KEY", default=str(_own / "sp.key") if SAML_MAKES_KEYS else "")
SAML_SP_CERTIFICATE = env.str("SAML_SP_CERTIFICATE", default=str(_own / "sp.crt") if SAML_MAKES_KEYS else "")
SAML_CONFIG_LOADER = "saml.sso.relying_party.config_loader"
# Features of djangosaml2 that must stay off: docs/decisions/0008.
SAML_CREATE_UNKNOWN_USER = False
SAML_ALLOWED_HOSTS: list[str] = []
SAML_CSP_HANDLER = ""

# Paths to RSA keys in PEM that sign Security Event Tokens: the first signs, all are published. It is made
# where the pair of SAML is.
SET_SIGNING_KEYS: list[str] = env.list(
    "SET_SIGNING_KEYS", default=[str(BASE_DIR / "build" / "sets" / "key.pem")] if SAML_MAKES_KEYS else []
)

# Addresses on this very machine that events may be posted to: the demo's own app. Everything else must be public.
WEBHOOKS_ON_THIS_MACHINE = [DEMO_APP_URL] if DEBUG else []

SUPPORT_URL = env.str("SUPPORT_URL", default="https://support.nulab.com/")
# How the TXT records of a domain are looked up: a dotted path, so that the demo needs no network.
TXT_LOOKUP = env.str("TXT_LOOKUP", default="demo.dns.txt_records" if DEBUG else "members.dns.records")
DEMO_IDP_URL = env.str("DEMO_IDP_URL", default=f"http://localhost:{PORT + 1}")
DEMO_MAILBOX = BASE_DIR / "build" / "demo-mailbox"
DEMO_IDP_KEYS = BASE_DIR / "build" / "demo-idp"

# django-scim2 reads these when it is imported. What it would do by itself and why
# each piece is replaced: docs/scim.md.
SCIM_SERVICE_PROVIDER = {
    "NETLOC": _base.netloc,
    "SCHEME": _base.scheme,
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "SCIM token", "description": "Bearer token"}],
    "USER_ADAPTER": "provisioning.scim.users.adapter.UserAdapter",
    "USER_MODEL_GETTER": "provisioning.scim.users.adapter.member_model",
    "SERVICE_PROVIDER_CONFIG_MODEL": "provisioning.scim.wire.frame.ServiceProviderConfig",
    "SCHEMAS_GETTER": "provisioning.scim.users.schema.schemas",
    "AUTH_CHECK_MIDDLEWARE": "provisioning.scim.wire.authentication.AuthCheck",
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="SCIM"',
}

# Source of the description of the API (api/); its views choose their own classes.
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema", "UNAUTHENTICATED_USER": None}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# Requests of an organization's identity provider: a second in the long run (0: no limit), and at once after a pause.
SCIM_RATE = env.float("SCIM_RATE", default=25)
SCIM_BURST = env.int("SCIM_BURST", default=100)
# The same for each key of the API.
API_RATE = env.float("API_RATE", default=100)
API_BURST = env.int("API_BURST", default=500)

# Secret of those who may read /metrics; without it that address does not exist.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOG_FORMAT = env.one_of("LOG_FORMAT", "json", "text", default="text" if DEBUG else "json")
LOG_LEVEL = env.one_of("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "operations.logs.JsonLines"},
        "text": {"()": "operations.logs.ReadableLines"},
    },
    "filters": {
        "secrets": {"()": "operations.log_masking.SecretsMasked"},
        "uncaught": {"()": "operations.logs.OnlyUncaught"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["secrets"]},
        "masked": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # The line of each request: it masks its path itself.
        "access": {"handlers": ["masked"], "propagate": False},
        "django.server": {"level": "WARNING"},
        # These name paths; masked here already, whoever else listens.
        "django.request": {"filters": ["uncaught", "secrets"]},
        "django.security.csrf": {"filters": ["secrets"]},
        # They log what they were sent; what was refused stands in the audit log.
        "saml2": {"level": "CRITICAL"},
        "djangosaml2": {"level": "CRITICAL"},
        "xmlschema": {"level": "WARNING"},
    },
}
