"""Everything that differs between installations, read from the environment once.

Each variable is described in docs/operator-guide.md. A value that is missing, unknown or unsafe
stops the start with one sentence that names it: a desk that starts is a desk that is set up.
"""

import ipaddress
import re
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
# Written by dev.py for its private servers, so that manage.py finds them too. Never in an image; the real
# environment always wins.
if (VAR_DIR / "dev.env").exists():
    env.read_env(VAR_DIR / "dev.env")


def text(name: str, default: str | None = None) -> str:
    """The value, or the default where it is unset or empty; without a default it is required."""
    value: str | None = env.str(name, default="").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set; docs/operator-guide.md says what it wants.")
    return value


def one_of(name: str, *allowed: str, default: str) -> str:
    value = text(name, default).lower()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; it can be {', '.join(allowed)}.")
    return value


def flag(name: str) -> bool:
    """Strict on purpose: a misspelt DEBUG=ture must not quietly mean false."""
    return one_of(name, "true", "false", "1", "0", default="false") in ("true", "1")


LARGEST = 1_000_000  # of any number here: more would be no time, size or rate that a machine can count with


def at_least(least: int, name: str, *, default: int, most: int = LARGEST) -> int:
    given = text(name, str(default))
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(most))
    if not is_number or not least <= int(given) <= most:
        raise ImproperlyConfigured(
            f"{name} is {given[:40]!r}; it must be a whole number from {least} up, to {most:,}."
        )
    return int(given)


def url(name: str, value: str, *schemes: str) -> str:
    parts = taken_apart(name, value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must be an address starting with {wanted}")
    return value


def taken_apart(name: str, value: str) -> SplitResult:
    """The parts of an address; what is wrong is said without the value, which may hold a password."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address: its host cannot be read.") from None
    try:
        parts.port  # noqa: B018  # only who asks for it is told that it is none
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not an address: its port is no number.") from None
    return parts


def origin(name: str, value: str, *schemes: str) -> str:
    """An address of a site and nothing behind it: everything that is sent out is made by putting a path to it."""
    parts = taken_apart(name, url(name, value, *schemes))
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} must be like https://desk.example.org, with nothing behind the host."
        )
    return value.rstrip("/")


def host(name: str, value: str) -> str:
    if not re.fullmatch(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]", value):
        raise ImproperlyConfigured(f"{name} must name hosts such as desk.example.org, not {value!r}.")
    return value


def network(name: str, value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must name networks such as 10.20.0.0/16, not {value!r}."
        ) from None


def mail_address(name: str, value: str) -> str:
    """The address alone, without the name before it."""
    address = parseaddr(value)[1]
    user, _, domain = address.rpartition("@")
    if not user or not domain or not value.isprintable():
        raise ImproperlyConfigured(f"{name} is {value!r}; it must contain a mail address.")
    return address


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# What kind of installation this is

DEBUG = flag("DEBUG")
DEMO = flag("DEMO")
PRODUCTION = not (DEBUG or DEMO)

PUBLIC_URL = origin(
    "PUBLIC_URL",
    text("PUBLIC_URL", None if PRODUCTION else "http://localhost:8000"),
    *(("https",) if PRODUCTION else ("http", "https")),
)
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
# This machine's own names are always served: health probes and the browser of a developer use them.
ALLOWED_HOSTS = [PUBLIC_HOST, "localhost", "127.0.0.1", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' would accept forged ones.")
for _name in env.list("ALLOWED_HOSTS", default=[]):
    host("ALLOWED_HOSTS", _name)
if not PRODUCTION and (strangers := [host for host in ALLOWED_HOSTS if not is_this_machine(host)]):
    raise ImproperlyConfigured(
        f"DEBUG and DEMO serve this machine only, not {', '.join(strangers)}: the demonstration accounts "
        "have a known password, and error pages show the settings."
    )

SECRET_KEY = text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if PRODUCTION and any(len(key) < 50 or len(set(key)) < 5 for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)):
    raise ImproperlyConfigured(
        "SECRET_KEY must be at least 50 random characters, as must each of SECRET_KEY_FALLBACKS: whoever guesses "
        "one signs in as anybody."
    )

# The application

INSTALLED_APPS = [
    "ops.web.apps.DeskAdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",  # its widget templates, found through FORM_RENDERER
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ops.people",
    "ops.notify",
    "ops.clocks",
    "ops.workflow",
    "ops.jobs",
    "ops.tickets",
    "ops.issues",
    "ops.watch",
    "ops.allocations",
    "ops.committees",
    "ops.acceptance",
    "ops.demonstration",
    "ops.api",
    "ops.web",
    "ops.health",
]
MIDDLEWARE = [
    "ops.health.metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ops.web.middleware.reader_time_zone",
    "ops.web.allocations.unkept.unkept_by_browsers",
    "ops.web.middleware.kept_by_its_reader",
    "ops.web.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "ops.urls"
WSGI_APPLICATION = "ops.wsgi.application"
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
                "ops.web.frame.context.frame",
            ]
        },
    }
]
FORM_RENDERER = "ops.web.frame.renderer.FrameRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

# Accounts

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Guessing passwords, at every door that asks for one (ops/web/sign_in.py says what is counted).
AXES_HANDLER = "ops.web.sign_in.SignInGuard"
AXES_LOCKOUT_CALLABLE = "ops.web.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "ops.web.sign_in.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # `User.last_login` says enough about people
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # a lock ends by itself; `manage.py axes_reset_username` ends it sooner
# How many proxies of ours stand in front: so many entries of X-Forwarded-For, from the right, are believed.
TRUSTED_PROXIES = at_least(0, "TRUSTED_PROXIES", default=0)

# Database, cache, sessions

DATABASES = {
    "default": {
        **env.db_url_config(url("DATABASE_URL", text("DATABASE_URL"), "postgres", "postgresql")),
        # One connection per web thread, kept open, and asked if it is still alive before each request:
        # a restarted PostgreSQL costs nobody an error page.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Our queries take milliseconds; compiling one, which PostgreSQL begins on a guess of its cost, takes longer.
        "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off"},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url("CACHE_URL", text("CACHE_URL"), "redis", "rediss", "unix"),
        "KEY_PREFIX": "ops",
        # A lost cache may slow a page by half a second, not by redis-py's default of several.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 1)},
    }
}
# Read from the cache, kept in the database: losing Redis signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# Background work
# A row is the queue; the broker only makes it fast. So a dead broker must never hold up a request (no
# retries, short time-outs, published by `transaction.on_commit(..., robust=True)`), and a message that the
# broker loses costs one period of the sweep.

CELERY_BROKER_URL = url("CELERY_BROKER_URL", text("CELERY_BROKER_URL"), "redis", "rediss", "amqp", "amqps")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "interval_start": 0}
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        # A task whose worker was killed is handed out again after this, which must exceed the time limit
        # above; kombu's own defaults are an hour, looked at every 100 s.
        "visibility_timeout": 360,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
    }
# The schedule is made from the code at every start; nothing about it needs to be remembered in a file.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Mail

_MAIL_SCHEMES = (
    "smtp",
    "smtps",
    "smtp+tls",
    "smtp+ssl",
    *(() if PRODUCTION else ("filemail", "consolemail")),
)
_mail = env.email_url_config(
    url(
        "EMAIL_URL",
        text("EMAIL_URL", None if PRODUCTION else f"filemail://{VAR_DIR / 'mail'}"),
        *_MAIL_SCHEMES,
    )
)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = f"/{_mail['EMAIL_FILE_PATH']}"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = text("MAIL_FROM", f"Operations desk <desk@{PUBLIC_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
_from_address = mail_address("MAIL_FROM", DEFAULT_FROM_EMAIL)
MAIL_BOUNCES = mail_address("MAIL_BOUNCES", text("MAIL_BOUNCES", _from_address))
# The right-hand side of Message-IDs and list names: the domain that the mail comes from.
MAIL_DOMAIN = _from_address.rpartition("@")[2]

# Messages

# So long a thread may collect changes before they are mailed as one; people can choose their own.
NOTIFY_BUNDLE_MINUTES = at_least(0, "NOTIFY_BUNDLE_MINUTES", default=1 if DEMO else 5)
# How long a worker may keep what it has claimed; so long waits what a killed worker held.
NOTIFY_LEASE_SECONDS = at_least(3, "NOTIFY_LEASE_SECONDS", default=180)
# After so many failures, over about five hours, a message is parked for an operator to look at.
NOTIFY_MAX_ATTEMPTS = at_least(1, "NOTIFY_MAX_ATTEMPTS", default=10)
NOTIFY_KEEP_DAYS = at_least(1, "NOTIFY_KEEP_DAYS", default=180, most=36_500)
# Private networks that webhooks may call all the same; to everything else inside, the door is shut.
WEBHOOK_ALLOWED_NETWORKS = [
    network("WEBHOOK_ALLOWED_NETWORKS", each) for each in env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])
]

# Files

STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static", ("guides", BASE_DIR / "docs" / "pictures")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ops.web.frame.assets.NodeModulesFinder",
]
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(VAR_DIR / "media")))
# Names that carry the hash of their content, so that browsers may keep them for ever. Production compresses
# them as well, which takes half a minute once; development takes the files as they lie.
if PRODUCTION:
    _STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
elif DEMO:
    _STATIC_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
else:
    _STATIC_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG and not DEMO
ATTACHMENT_MAX_BYTES = at_least(1, "ATTACHMENT_MAX_MEGABYTES", default=20) * 1024 * 1024
# Forms without files: a ticket's text with room to spare.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# Doors and locks
# TLS ends at the proxy in front; gunicorn believes its X-Forwarded-Proto only from FORWARDED_ALLOW_IPS.

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "ops.web.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
# Whether sub-domains and the browsers' preload list are bound too is for the owner of the domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # Tabler draws its check marks and carets as data: images
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
# Where people are sent whose problem is their account or signing in; this desk does not look after accounts.
ACCOUNT_HELP_URL = text("ACCOUNT_HELP_URL", "")
if ACCOUNT_HELP_URL:
    url("ACCOUNT_HELP_URL", ACCOUNT_HELP_URL, "https", "mailto")
METRICS_TOKEN = text("METRICS_TOKEN", "")
# The authorisation service that enforces awards, and a token of its scope admin:token. Without it the quota
# documents are files, applied by hand.
QUOTA_SERVICE_URL = text("QUOTA_SERVICE_URL", "")
if QUOTA_SERVICE_URL:
    url("QUOTA_SERVICE_URL", QUOTA_SERVICE_URL, *(("https",) if PRODUCTION else ("http", "https")))
QUOTA_SERVICE_TOKEN = text("QUOTA_SERVICE_TOKEN", None if QUOTA_SERVICE_URL else "")

# API

# Requests a minute, of one person and of one address without an account: far more than a busy script needs, so
# that they stop only what has run wild. 0 is no limit.
API_REQUESTS_PER_MINUTE = at_least(0, "API_REQUESTS_PER_MINUTE", default=20_000)
API_ANONYMOUS_REQUESTS_PER_MINUTE = at_least(0, "API_ANONYMOUS_REQUESTS_PER_MINUTE", default=600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ops.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_THROTTLE_CLASSES": ["ops.api.throttles.PerMinute"],
    "DEFAULT_PARSER_CLASSES": ["ops.api.parsers.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "ops.api.openapi.DeclaredSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "ops.api.errors.answer",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Operations desk",
    "DESCRIPTION": "Everything that needs somebody's work or decision, for scripts. docs/api.md tells it in prose.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": ["ops.api.components.add_components"],
}

# Logs: standard output, one line per event

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "ops.logs.JsonFormatter"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": one_of("LOG_FORMAT", "json", "plain", default="json" if PRODUCTION else "plain"),
        }
    },
    "root": {
        "handlers": ["stdout"],
        "level": one_of("LOG_LEVEL", "debug", "info", "warning", "error", default="info").upper(),
    },
    # Django's own handlers would print the same line again, or mail it.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},  # it tells each step of every sign-in
    },
}
