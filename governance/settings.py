"""Settings of one process: what it may reach follows from SAMMATI_PROCESS (see decisions/0009)."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from django.conf.locale import LANG_INFO

from governance.lib import languages, quiet

BASE = Path(__file__).resolve().parent.parent
env = environ.Env()

PROCESS = env.str("SAMMATI_PROCESS", "web")
URL_OF_PROCESS = {
    "owner": "OWNER_DATABASE_URL",
    "web": "DATABASE_URL",
    "worker": "WORKER_DATABASE_URL",
    "eraser": "ERASER_DATABASE_URL",
    "exporter": "EXPORTER_DATABASE_URL",
}
MAY_REACH_KEYS = {"owner", "eraser", "exporter"}
if PROCESS not in URL_OF_PROCESS:
    raise SystemExit(f"SAMMATI_PROCESS must be one of {', '.join(URL_OF_PROCESS)}; it is {PROCESS!r}.")

VAR = Path(env.str("SAMMATI_VAR", str(BASE / "var")))
BUILD = Path(env.str("SAMMATI_BUILD", str(BASE / "build")))
SECRETS = VAR / "secrets"
PACKS = env.str("SAMMATI_PACKS", "")  # a folder: each pack that lies there replaces ours of that name


def secret(name: str) -> str:
    """The content of var/secrets/<name>; made on first use, 0600, 64 random hex digits."""
    path = SECRETS / name
    if not path.exists():
        SECRETS.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(os.urandom(32).hex())
        except FileExistsError:  # another process was faster
            pass
    return path.read_text().strip()


DEBUG = env.bool("SAMMATI_DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or secret("django.key")
ALLOWED_HOSTS = env.list("SAMMATI_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
TODAY = env.str("SAMMATI_TODAY", "")  # the law date of a demo run (--on); empty: the calendar's

INSTALLED_APPS = [
    "governance",
    "governance.audit",
    "governance.people",
    "governance.purposes",
    "governance.retention",
    "governance.consents",
    "governance.capture",
    "governance.rights",
    "governance.incidents",
    "governance.interfaces",
    "governance.exports",
    "governance.reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "guardian",
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.pages.middleware.speak_their_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.pages.middleware.refusals_become_sentences",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "governance.people.signin.PersonBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["governance.lib.filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "governance.pages.context.frame",
            ],
        },
    }
]

# --- Databases: one alias `default` per process, plus `keys` where the process may reach it -------------
DATABASES = {"default": env.db(URL_OF_PROCESS[PROCESS], engine="django.db.backends.postgresql")}
if PROCESS in MAY_REACH_KEYS and env.str("KEYS_DATABASE_URL", ""):
    keys = env.db("KEYS_DATABASE_URL", engine="django.db.backends.postgresql")
    # Each process opens the keys database with its own login, never with a shared one.
    keys["USER"], keys["PASSWORD"] = DATABASES["default"]["USER"], DATABASES["default"]["PASSWORD"]
    DATABASES["keys"] = keys
for database in DATABASES.values():
    database.setdefault("OPTIONS", {})
    database["HOST"] = database["OPTIONS"].pop("host", "") or database["HOST"]  # ?host=/folder/of/the/socket
    database["OPTIONS"].setdefault("application_name", f"sammati-{PROCESS}")
    database["CONN_MAX_AGE"] = 0 if PROCESS == "owner" else 600
    database["CONN_HEALTH_CHECKS"] = True
if PROCESS == "web":
    # A person at a browser and a client at the gate wait this long (milliseconds) and then hear so.
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=5000 -c statement_timeout=15000"
DATABASE_ROUTERS = ["governance.lib.router.KeysStayAway"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sessions and sign-in -----------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "sammati_language"
HTTPS = env.bool("SAMMATI_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list("SAMMATI_ORIGINS", default=[])

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "governance.people.signin.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if env.str("REDIS_URL", ""):
    REDIS_URL = env.str("REDIS_URL").replace("redis+socket://", "unix://")
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "sammati@localhost")

# --- Language: what people may choose is data (packs/languages.toml); which of it the pages speak says `pages` there
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [(row.tag, row.name()) for row in languages.choices()]
LANGUAGES_BIDI = sorted({row.base for row in languages.all() if row.is_rtl})
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# Django does not know half of them; what it says of the others is replaced, so that one list holds.
LANG_INFO.update(
    {
        row.tag: {"bidi": row.is_rtl, "code": row.tag, "name": row.name(), "name_local": row.native}
        for row in languages.all()
    }
)
FORMAT_MODULE_PATH = ["governance.formats"]
LOCALE_PATHS = [BASE / "governance" / "locale"]

# --- Static files: built at set-up, nothing from anybody else's server ---------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BUILD / "static"
STATICFILES_DIRS = [BASE / "static"] + ([("vendor", BUILD / "vendor")] if (BUILD / "vendor").is_dir() else [])
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if ((STATIC_ROOT / "staticfiles.json").exists() or env.bool("SAMMATI_MANIFEST_STATIC", False))
        and not env.bool("SAMMATI_PLAIN_STATIC", False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = env.bool("SAMMATI_PLAIN_STATIC", False)
WHITENOISE_MAX_AGE = 3600

# --- Headers ----------------------------------------------------------------------------------------------------
SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
}
X_FRAME_OPTIONS = "DENY"

# Uploads stay in memory: a refused file must not have touched a disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024  # the staff list may have 10 MB
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# --- The one place that names what holds personal data, and what carries it out --------------------------------
SAMMATI_CONNECTORS = {
    "vault": "governance.capture.vault.VaultConnector",
    "portal": "governance.portal.PortalConnector",
    "sql": "governance.retention.connectors.sql.SqlConnector",
    "files": "governance.retention.connectors.files.FilesConnector",
    "django": "governance.retention.connectors.orm.DjangoConnector",
    "s3": "governance.retention.connectors.s3.S3Connector",
    "redis": "governance.retention.connectors.keyvalue.RedisConnector",
    "http": "governance.retention.connectors.webservice.HttpConnector",
    "manual": "governance.retention.connectors.manual.ManualConnector",
}
ERASURE_LEASE = timedelta(
    seconds=env.int("SAMMATI_LEASE_SECONDS", 120)
)  # how long a silent eraser keeps an order
# More rows than this, of what nobody concerned has asked for, are erased only when two people have agreed.
ERASURE_ROWS_ALONE = env.int("SAMMATI_ERASURE_ROWS_ALONE", 10_000)
# How long the eraser waits for the exporter's attempt to open a kept copy, before it says that nobody tried, and that
# the order is therefore not done. 0: the attempt is asked for and not waited for.
OPENING_SECONDS = env.int("SAMMATI_OPENING_SECONDS", 10)
# Restored backups are erased again by keyed hashes (retention/tombstones.py); whoever has this key could try out numbers.
TOMBSTONE_KEY = env.str("SAMMATI_TOMBSTONE_KEY", "") or (
    secret("tombstones.key") if PROCESS in ("eraser", "owner") else ""
)
# Where sealed segments lie: in PostgreSQL, or in this bucket of an S3-compatible store (decisions/0044). Each process has
# a key of its own in SAMMATI_BLOBS_KEY, "id:secret": the web's may put, the exporter's get, the eraser's list and delete.
BLOBS_BUCKET = env.str("SAMMATI_BLOBS_BUCKET", "")
BLOBS_PREFIX = env.str("SAMMATI_BLOBS_PREFIX", "")  # "" or ends with a slash
BLOBS_REGION = env.str("SAMMATI_BLOBS_REGION", "us-east-1")
# Who wraps the streams' keys (decisions/0045): files beneath KEY_HOME, or a Vault or OpenBao at SAMMATI_KEY_SERVICE_URL, to
# which eraser and exporter each bring a token of their own in SAMMATI_KEY_SERVICE_TOKEN.
KEY_SERVICE = "transit" if env.str("SAMMATI_KEY_SERVICE_URL", "") else "files"
KEY_SERVICE_MOUNT = env.str("SAMMATI_KEY_SERVICE_MOUNT", "transit")
KEY_SERVICE_KEY = env.str("SAMMATI_KEY_SERVICE_KEY", "sammati")
KEY_HOME = (
    SECRETS / "kek"
)  # key-encryption keys by month: the public halves for the eraser, private for the exporter
CHECKPOINTS = VAR / "checkpoints"
# Secrets of webhooks are derived from this one (interfaces/signing.py). Receivers inside this network, host:port each,
# are refused unless they are named here; they may do without TLS.
WEBHOOK_KEY = env.str("SAMMATI_WEBHOOK_KEY", "") or secret("webhooks.key")
WEBHOOK_LOCAL = frozenset(env.list("SAMMATI_WEBHOOK_LOCAL", default=[]))
# The seal on PDFs (decisions/0027). Without a certificate of an authority the signer makes its own key on first use.
SEALS = VAR / "seals"  # the certificates, public: served at /.well-known/sammati-seals/
SEAL_PKCS12 = Path(env.str("SAMMATI_SEAL_PKCS12")) if env.str("SAMMATI_SEAL_PKCS12", "") else None
SEAL_PASSPHRASE = env.str("SAMMATI_SEAL_PASSPHRASE", "") if PROCESS == "exporter" else ""
TIME_STAMP_URL = env.str("SAMMATI_TIME_STAMP_URL", "")
# Whose time stamps count when a document is checked: a PEM file or a folder of them. Without it a stamp is shown as nobody's.
TIME_STAMP_ROOTS = (
    Path(env.str("SAMMATI_TIME_STAMP_ROOTS")) if env.str("SAMMATI_TIME_STAMP_ROOTS", "") else None
)
# Where strangers find this installation, for the code on paper: "https://sammati.example.org". Empty: no code is printed.
PUBLIC_URL = env.str("SAMMATI_URL", "").rstrip("/")
RECEIPT_KEYS = VAR / "receipt-keys"  # public halves only: what /.well-known/sammati-receipts.json shows
# After how many days backups of this installation are overwritten at the latest. 0: nobody has said; then
# certificates of erasure say so.
BACKUP_DAYS = env.int("SAMMATI_BACKUP_DAYS", 0)

# Messages may go by another broker than the cache: amqp://… for RabbitMQ. They only nudge.
CELERY_BROKER_URL = env.str("SAMMATI_BROKER_URL", "") or env.str("REDIS_URL", "").replace(
    "unix://", "redis+socket://"
)
LOGGING_CONFIG = None
quiet.configure(PROCESS)
