"""Django's settings, all derived from config.environment: wiring, no decisions."""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio.retry import Retry as AsyncOnce
from redis.backoff import NoBackoff
from redis.retry import Retry as Once

from config import logs, static
from config.bounds import MOST_BODY
from config.database import database
from config.environment import (
    environment,
    field_keys,
    identity_providers,
    ledger_places,
    ledger_seed,
    push_key,
    receipt_seed,
    secret_key,
)
from config.mail import mail
from live.store import FAN_OUT_S

ENVIRONMENT = environment()

SECRET_KEY = secret_key(ENVIRONMENT)
FIELD_KEYS = field_keys(ENVIRONMENT)
RECEIPT_SEED = receipt_seed(ENVIRONMENT)
LEDGER_SEED = ledger_seed(ENVIRONMENT)
LEDGER_ORIGIN = ENVIRONMENT.ledger_origin
LEDGER_PLACES = ledger_places(ENVIRONMENT)
DEBUG = False
DEMO = ENVIRONMENT.demo
IDENTITY_PROVIDERS = identity_providers(ENVIRONMENT)
PUSH_KEY, PUSH_PUBLIC_KEY = push_key(ENVIRONMENT)
PUSH_CONTACT = ENVIRONMENT.push_contact
PUSH_SERVICES = [one.strip().lower() for one in ENVIRONMENT.push_services.split(",") if one.strip()]
# For tests alone, whose receiver runs on this machine.
PUSH_LOOPBACK = False
BUILD = ENVIRONMENT.build
OLDEST_BUILD = ENVIRONMENT.oldest_build
OFFLINE_HOURS = ENVIRONMENT.offline_hours
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *([".localhost"] if DEMO else []),
    *filter(None, ENVIRONMENT.allowed_hosts.split(",")),
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "audit",
    "live",
    "people",
    "consent",
    # Before messaging, so that of all who hear a withdrawal it is the running call that is cut first.
    "conference",
    "messaging",
    "scheduling",
]
MIDDLEWARE = [
    "config.middleware.security_headers",
    "config.middleware.one_version",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DATABASES = {"default": database(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Redis carries hints and rate limits, no decision: whoever needs it waits for a moment and no longer.
REDIS_URL = ENVIRONMENT.redis_url
REDIS_BOUNDS = {"socket_connect_timeout": FAN_OUT_S, "socket_timeout": FAN_OUT_S}
ONCE, ONCE_ASYNC = Once(NoBackoff(), 0), AsyncOnce(NoBackoff(), 0)
CHANNEL_LAYERS = {
    "default": (
        {
            "BACKEND": "live.layer.BoundedLayer",
            "CONFIG": {
                "hosts": [{"address": ENVIRONMENT.redis_url, **REDIS_BOUNDS, "retry": AsyncOnce(NoBackoff(), 0)}]
            },
        }
        if ENVIRONMENT.redis_url
        else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    )
}
CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": ENVIRONMENT.redis_url,
            "OPTIONS": {**REDIS_BOUNDS, "retry": ONCE},
        }
        if ENVIRONMENT.redis_url
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}},
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["people.hashers.DerivedSecretHasher"]
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# A clinic shares one address: the limits that matter are those a key (an account) and on failures.
ACCOUNT_RATE_LIMITS = {
    "login": "240/m/ip",
    "signup": f"{ENVIRONMENT.signups_per_minute}/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "recovery": "60/m/ip,5/5m/key",
    "enrolment": "60/m/ip",
    # Finding a patient by name and birth date is a question about whether somebody is in care here.
    "emergency_look": "60/m/ip,12/10m/key",
    "sso": "240/m/ip",
    "reauthenticate": "60/m/ip,10/m/user",
}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS: dict[str, str] = {}
USERSESSIONS_TRACK_ACTIVITY = False
MFA_ADAPTER = "people.adapter.SecondFactorAdapter"
MFA_TOTP_ISSUER = "Consilium"
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey that answers to whoever holds the telephone would open the keys to them too.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Without TLS the product runs on a loopback name alone, whose windows each have a host name of their own.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.secure
# Addresses are not verified by e-mail here: whoever enrols has been seen, and carries a code.
MFA_ALLOW_UNVERIFIED_EMAIL = True
globals().update(mail(ENVIRONMENT))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

# Whoever plays the demonstration need not wait for the hour that was booked.
LOBBY_OPENS_AT_LEAST = timedelta(days=90) if DEMO else timedelta(0)
ROOM_SIM = ENVIRONMENT.room_sim

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.views.csrf_failed"
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = MOST_BODY

ATTACHMENTS = ENVIRONMENT.attachments
ATTACHMENT_FILE = ENVIRONMENT.attachment_file_mb * 1_000_000
ATTACHMENT_PERSON = ENVIRONMENT.attachment_person_mb * 1_000_000
ATTACHMENT_THREAD = ENVIRONMENT.attachment_thread_mb * 1_000_000

# Everything is refused but what the client's own bundle needs: libsodium is WebAssembly; the one Trusted Types
# policy lets the crypto and media workers start from their own script addresses and nothing else.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["consilium-worker"],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
FRONTEND = ENVIRONMENT.frontend
WHITENOISE_ROOT = FRONTEND if FRONTEND.is_dir() else None
WHITENOISE_INDEX_FILE = False
WHITENOISE_MAX_AGE = 0
WHITENOISE_IMMUTABLE_FILE_TEST = static.never_changes
WHITENOISE_ADD_HEADERS_FUNCTION = static.add_headers

LOGGING_CONFIG = None
logs.configure(ENVIRONMENT.log_format)
