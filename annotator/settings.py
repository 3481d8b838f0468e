"""Settings. Development-safe defaults; what production must set fails at start when it is missing."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from annotator.environment import env_bool, env_int, env_list, env_secret, env_str, postgres, take_local

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_str("MASKLOOM_DATA", str(BASE_DIR / "var")))
take_local(DATA_DIR)
LOCAL_URL = env_str("MASKLOOM_URL", "http://127.0.0.1:8000")

DEBUG = env_bool("DJANGO_DEBUG", False)
SECRET_KEY = env_secret("DJANGO_SECRET_KEY") or ""
if not SECRET_KEY:
    if not DEBUG and env_str("DATABASE_URL"):
        raise ImproperlyConfigured(
            "Set DJANGO_SECRET_KEY (or DJANGO_SECRET_KEY_FILE) to a long random string."
        )
    SECRET_KEY = secrets.token_urlsafe(50)  # for commands that sign nothing: nobody else can know it
ALLOWED_HOSTS = env_list("MASKLOOM_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("MASKLOOM_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "drf_spectacular",
    "annotator",
    "web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "annotator.urls"
ASGI_APPLICATION = "annotator.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

DATABASES = {
    "default": {
        **postgres(env_str("DATABASE_URL", "postgresql://maskloom@127.0.0.1:5432/maskloom")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": env_int("MASKLOOM_DB_POOL", 12), "timeout": 20}},
    }
}
MIGRATION_MODULES = {"annotator": "migrations"}
REDIS_URL = env_str("REDIS_URL", "redis://127.0.0.1:6379/0")

AUTH_USER_MODEL = "annotator.User"
AUTHENTICATION_BACKENDS = ["annotator.sign_in.SignIn"]
SIGN_IN_TRIES = env_int("MASKLOOM_SIGN_IN_TRIES", 10)
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECURE_COOKIES = env_bool("MASKLOOM_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
if SECURE_COOKIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = Path(env_str("MASKLOOM_MEDIA_ROOT", str(DATA_DIR / "media")))
S3_BUCKET = env_str("MASKLOOM_S3_BUCKET")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": S3_BUCKET,
                "endpoint_url": env_str("MASKLOOM_S3_ENDPOINT") or None,
                "querystring_auth": True,
                "file_overwrite": True,
            },
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}}
    ),
    "staticfiles": {"BACKEND": "annotator.storage.HashedModules"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotator.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "annotator.api.pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "annotator.api.errors.answer",
    "DEFAULT_THROTTLE_RATES": {"sign-in": env_str("MASKLOOM_SIGN_IN_RATE", "20/min")},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Maskloom",
    "DESCRIPTION": "Video masklets: ingest, prompt, propagate, correct, verify, export. See docs/api.md.",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {
        "TaskKindEnum": "annotator.models.tasks.TaskKind",
        "MaskletStateEnum": "annotator.models.masklets.MaskletState",
        "TaskStateEnum": "annotator.models.tasks.TaskState",
        "AutoRunStateEnum": "annotator.models.auto_runs.AutoRunState",
        "PromptKindEnum": "annotator.models.changes.PromptKind",
        "ChangeKindEnum": "annotator.models.changes.ChangeKind",
    },
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20  # one chunk of an upload is at most 16 MiB

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env_str("MASKLOOM_LOG_LEVEL", "INFO")},
    # A line for each task received and done would bury what matters.
    "loggers": {
        name: {"level": "WARNING"} for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat")
    },
}
