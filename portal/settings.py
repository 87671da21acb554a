"""All settings, from the environment, in one place.

The embedded default (no variable set) is a single machine without servers: SQLite in WAL mode and a Celery
broker made of files. `DATABASE_URL` and `REDIS_URL` switch to PostgreSQL and Redis with no change of code.
`RELEVE_MODE` is `production` as soon as a SECRET_KEY is given (it refuses weak settings), else `local`: one machine,
loopback addresses only, a key of its own in `var/`. `make demo` sets `demo`, the tests set `test`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.databases import databases
from portal.operations.paths import PLAIN
from portal.queues import celery_settings

BASE_DIR = Path(__file__).resolve().parent.parent


class _Environment(environ.FileAwareEnv):
    """NAME_FILE is read for NAME, so that secrets may come as files; the line break at a file's end is not theirs."""

    class _Mapping(environ.FileAwareMapping):
        def __getitem__(self, key: str) -> str:
            return str(super().__getitem__(key)).removesuffix("\n")

    ENVIRON = _Mapping()


env = _Environment()

MODE = env.str("RELEVE_MODE", default="production" if env.str("SECRET_KEY", default="") else "local")
if MODE not in ("local", "demo", "test", "production"):
    raise ImproperlyConfigured("RELEVE_MODE is local, demo, test or production")
DEMO = MODE == "demo"
TESTING = MODE == "test"
DEBUG = env.bool("DEBUG", default=False)
# A worker answers no requests: without the API's pages and their libraries it is 12 MB smaller.
WORKER = env.bool("WORKER", default="celery" in Path(sys.argv[0]).parts[-2:])

VAR_DIR = Path(env.str("RELEVE_VAR", default=str(BASE_DIR / "var")))
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"RELEVE_VAR: cannot make {VAR_DIR} ({error.strerror})") from None


def _secret_key() -> str:
    """Production must bring its own; one machine by itself makes one on its own disk and keeps it."""
    if given := env.str("SECRET_KEY", default=""):
        return given
    if TESTING:
        return "test-only-" + "k" * 50
    if MODE == "production":
        raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE), at least 50 random characters.")
    from django.core.management.utils import get_random_secret_key

    path = VAR_DIR / "secret_key"
    if not path.exists():
        # whole or not at all: several processes may start at once, and all must read the same key
        mine = path.with_suffix(f".{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(get_random_secret_key())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# Links in mails are built from this address, never from a request's Host header.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Where the site of `make docs` is served; each person's menu then leads to their guide. Empty: no link.
DOCS_URL = env.str("DOCS_URL", default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])

INSTALLED_APPS = [
    "portal",
    "readings",
    "tariffs",
    "servers",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    *([] if WORKER else ["ninja"]),
]

MIDDLEWARE = [
    "portal.operations.requests.RequestMiddleware",
    "portal.headers.HeadersMiddleware",
    "accounts.middleware.NoScopeMiddleware",
    "servers.api.shape.ApiErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.limits.BodyMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads each answer by a random length, so that its size tells no secret
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.operations.doors.OperationsMiddleware",
    "servers.api.direct.DirectMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.BrowserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ProgrammeMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "django.template.context_processors.i18n",
                "portal.context.shell",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = databases(env, var_dir=VAR_DIR, testing=TESTING, worker=WORKER)
DATABASE_ROUTERS = ["accounts.replica.ReplicaIsACopy"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "portal.cache.FileCache",
            "LOCATION": str(VAR_DIR / "cache"),
        }
    )
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "home"
LOGIN_REDIRECT_URL = "choose_programme"
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=7)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "accounts.validators.DigitValidator"},
    {"NAME": "accounts.validators.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
if BREACHED_PASSWORDS := env.str("BREACHED_PASSWORDS", default=""):  # a file: accounts/breached.py
    if not os.access(BREACHED_PASSWORDS, os.R_OK):
        raise ImproperlyConfigured(f"BREACHED_PASSWORDS: cannot read {BREACHED_PASSWORDS}")
    AUTH_PASSWORD_VALIDATORS.append(
        {"NAME": "accounts.breached.BreachedPasswordValidator", "OPTIONS": {"path": BREACHED_PASSWORDS}}
    )
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
if TESTING:  # one real hash costs 0.2 s; the security tests put the real hasher back
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # our own activation links prove the address before a password exists
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # SESSION_COOKIE_AGE decides, there is no tick box
ACCOUNT_RATE_LIMITS = {} if TESTING else {"login_failed": "10/m/ip,5/300s/key", "login": "30/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Second factors: offered to all, and required of administrators and operators where this is on.
MFA_REQUIRED_OF_STAFF = env.bool("MFA_REQUIRED_OF_STAFF", default=MODE == "production")
MFA_ADAPTER = "accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Relevé"
MFA_RECOVERY_CODE_DIGITS = 10
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
# What is worth asking again for (address, factors, server passwords) asks again after so long; 0 never asks.
CONFIRM_AFTER_SECONDS = env.int("CONFIRM_AFTER_SECONDS", default=0 if TESTING else 300)

SESSION_ENGINE = "accounts.sessions.store"  # the table holds digests of the cookies, never a cookie
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_STAFF_HOURS = env.int("SESSION_STAFF_HOURS", default=12)  # after that staff sign in again …
SESSION_STAFF_IDLE_MINUTES = env.int("SESSION_STAFF_IDLE_MINUTES", default=120)  # … and after so long unused
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
HTTPS = env.bool("HTTPS", default=MODE == "production")
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = PLAIN
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en" if TESTING else "fr"  # tests read the msgids; those that are about a language choose it
LANGUAGES = [("fr", "Français"), ("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "portal.formats"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(
    env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
)  # in the image: collected when it was built
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "uploads"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE != "production"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE != "production"
WHITENOISE_AUTOREFRESH = TESTING  # else each browser of a test reads all static files first, 20 ms
# How long the answers to gateways' batches and the values that were replaced are kept; 0 keeps them for ever.
INGEST_BATCH_KEEP_DAYS = env.int("INGEST_BATCH_KEEP_DAYS", default=120)
# How long the meters' raw answers are kept, where a gateway brings them: 300 bytes a reading of a meter.
TELEGRAM_KEEP_DAYS = env.int("TELEGRAM_KEEP_DAYS", default=35)
SUPERSEDED_KEEP_DAYS = env.int("SUPERSEDED_KEEP_DAYS", default=3 * 366)
# Where readings and archives are divided into months (manage.py partition): how many are made ahead, and how many are
# kept; 0 keeps for ever. What a closed month needs is kept in any case, and so is the last reading before a gap.
PARTITIONS_AHEAD = env.int("PARTITIONS_AHEAD", default=3)
READINGS_KEEP_MONTHS = env.int("READINGS_KEEP_MONTHS", default=0)
ARCHIVES_KEEP_MONTHS = env.int("ARCHIVES_KEEP_MONTHS", default=0)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=64 * 1024 * 1024)
UPLOAD_BODY_MAX_BYTES = env.int(
    "UPLOAD_BODY_MAX_BYTES", default=4 * UPLOAD_MAX_BYTES
)  # several files at once
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or "Relevé <releve@localhost>"
if TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif DEMO and "EMAIL_URL" not in env.ENVIRON:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mails")
else:
    try:
        vars().update(env.email("EMAIL_URL", default="smtp://localhost:25"))
    except ImproperlyConfigured:
        raise ImproperlyConfigured(
            "EMAIL_URL is no address of a mail server: smtp+tls://user:password@host:587"
        ) from None
EMAIL_TIMEOUT = 20
# A page that shows every mail sent: only where mails are files of a demo, never in production.
DEMO_MAILBOX = DEMO and EMAIL_BACKEND.endswith("filebased.EmailBackend")  # type: ignore[name-defined]

SECURITY_CONTACT = env.str(
    "SECURITY_CONTACT", default=""
)  # mailto:… or https://…, for /.well-known/security.txt
LEGAL_NOTICE = env.str("LEGAL_NOTICE", default="")
ACTIVATION_DAYS = 7
INVITATION_DAYS = 30
# How long personal data is kept (accounts/privacy/retention.py); 0 keeps it for ever.
RETENTION_AUDIT_DAYS = env.int("RETENTION_AUDIT_DAYS", default=3 * 365)
RETENTION_MAIL_DAYS = env.int("RETENTION_MAIL_DAYS", default=180)  # to whom, and what stood in it
RETENTION_OCCUPANCY_DAYS = env.int("RETENTION_OCCUPANCY_DAYS", default=3 * 365)  # after the move-out
RETENTION_JOB_DAYS = env.int("RETENTION_JOB_DAYS", default=90)
DATA_EXPORT_DAYS = 3
SERVER_SILENT_AFTER_MINUTES = env.int("SERVER_SILENT_AFTER_MINUTES", default=30)
# calls of one server to the gateway API, after a burst; batches of readings are counted apart
INGEST_BATCHES_PER_SECOND = env.float("INGEST_BATCHES_PER_SECOND", default=20)
INGEST_BATCHES_BURST = env.int("INGEST_BATCHES_BURST", default=1200)
API_CALLS_PER_SECOND = env.float("API_CALLS_PER_SECOND", default=5)
API_CALLS_BURST = env.int("API_CALLS_BURST", default=1_000_000 if TESTING else 300)
API_BODY_MAX_BYTES = env.int("API_BODY_MAX_BYTES", default=1024 * 1024)
API_UNPACKED_MAX_BYTES = env.int("API_UNPACKED_MAX_BYTES", default=16 * 1024 * 1024)
ACTIVATION_FAILURES = env.int(
    "ACTIVATION_FAILURES", default=10
)  # wrong passwords for one serial from one address
ACTIVATION_FAILURE_MINUTES = env.int("ACTIVATION_FAILURE_MINUTES", default=15)
HEARTBEAT_SECONDS = env.int("HEARTBEAT_SECONDS", default=5 if DEMO else 60)

vars().update(celery_settings(var_dir=VAR_DIR, redis_url=REDIS_URL))

# Who looks after the machine asks /metrics with this token; without one the address does not exist.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="test-metrics-token" if TESTING else "")
if METRICS_TOKEN and not TESTING:  # several processes count into files of one folder, each its own
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(VAR_DIR / "metrics"))
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if MODE == "production" else "plain")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "accounts.logs.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "stream": sys.stderr}},
    "loggers": {
        # the doorbell of files has no host, and says so at each ring
        "kombu.connection": {"level": "ERROR"},
        # one line a request and a job, where somebody collects lines
        "releve": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["security.W021"] if not HTTPS else []
NINJA_PAGINATION_CLASS = "ninja.pagination.LimitOffsetPagination"
