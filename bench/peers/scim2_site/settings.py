"""A Django project with django-scim2 as its documentation shows it, and nothing else."""

import os

import environ

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DATABASES = {"default": {**environ.Env.db_url_config(os.environ["PEER_DATABASE_URL"]), "CONN_MAX_AGE": 600}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_scim",
    "bench.peers.scim2_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bench.peers.scim2_site.site.BearerMiddleware",
    "django_scim.middleware.SCIMAuthCheckMiddleware",
]
ROOT_URLCONF = "bench.peers.scim2_site.site"
AUTH_USER_MODEL = "scim2_site.User"
# All tables are made at once, from the models.
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "sessions": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "localhost",
    "SCHEME": "http",
    "AUTHENTICATION_SCHEMES": [{"type": "oauth2", "name": "OAuth 2", "description": "A bearer token"}],
    "USER_ADAPTER": "bench.peers.scim2_site.adapter.Adapter",
}
