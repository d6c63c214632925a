"""Django's settings, derived from the installation's own (netra.config)."""

from typing import Any

from core.i18n import language
from netra import config, databases, observability, rest
from netra.config import BASE_DIR, BrokenSettings, read_environment
from netra.object_store import build_object_store
from netra.origins import build_csp

try:
    NETRA = read_environment()
    SECRET_KEY = config.load_secret_key(NETRA)
    _DATABASE = databases.build_database_settings(NETRA)
    OBJECT_STORE = build_object_store(NETRA)
except BrokenSettings as error:
    # One line without a traceback, for every command and the server.
    raise SystemExit(str(error)) from None

DEBUG = NETRA.debug
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in NETRA.old_secret_keys]
AUDIT_KEYS = [key.get_secret_value() for key in NETRA.audit_key]
ALLOWED_HOSTS = list(NETRA.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(NETRA.allowed_origins)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "accounts.apps.NetraAdminConfig",
    "channels",
    "csp",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    *(["allauth.socialaccount.providers.openid_connect"] if NETRA.oidc else []),  # slow to load
    "netra.apps.NetraConfig",
    "core.apps.CoreConfig",
    "workloads.apps.WorkloadsConfig",
    "tools.apps.ToolsConfig",
    "tools.policy.apps.PolicyConfig",
    "tools.quota.apps.QuotaConfig",
    "tools.spending.apps.SpendingConfig",
    "tools.audit.apps.AuditConfig",
    "agents.apps.AgentsConfig",
    "realtime.apps.RealtimeConfig",
    "operators.apps.OperatorsConfig",
    "legacy.analysis.apps.AnalysisConfig",
    # The engine of jobs on PostgreSQL; its migrations are for PostgreSQL only.
    *(["procrastinate.contrib.django"] if NETRA.database_url is not None else []),
    # Its tables, pages and commands are only for installations that migrate legacy agents.
    *(["legacy.apps.LegacyConfig"] if NETRA.legacy else []),
    # Last, so that its changes to the other apps' permissions and admin pages come after their own.
    "accounts.apps.AccountsConfig",
]
MIDDLEWARE = [
    # First, so that what the others log has the request's id too.
    "netra.middleware.context.request_id_middleware",
    # Before anything that queries the database.
    "netra.server.request_limits.RequestUserMiddleware",
    "netra.middleware.responses.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "netra.middleware.responses.StaticMiddleware",
    "netra.middleware.validation.BodyLimitMiddleware",
    "netra.middleware.validation.UndecodableMiddleware",
    "netra.middleware.rate_limits.AnonymousMiddleware",
    # After what serves static files, which are the same in every language.
    "netra.middleware.context.language_middleware",
    "netra.middleware.validation.FormLimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "netra.middleware.rate_limits.FormThrottleMiddleware",
    "netra.middleware.validation.BadInputMiddleware",
]
ROOT_URLCONF = "netra.urls"
ASGI_APPLICATION = "netra.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before any app's, so that ours replace those of the admin and allauth.
        "DIRS": [BASE_DIR / "accounts/templates", BASE_DIR / "core/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "core.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES: dict[str, dict[str, Any]] = {"default": _DATABASE}
CHANNEL_LAYERS = {"default": databases.build_channel_layer_settings(NETRA)}
# Per process: requests are counted per server process, password attempts in the database. It has room for many clients,
# as a flood of them would otherwise evict the others.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}}

# Modules named "tasks" are none of the library's: its tasks are made where the runner of jobs starts.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

# Read by legacy.bridges.deprecation whenever a legacy agent is to run. None: the migration kit is not loaded.
NETRA_LEGACY = NETRA.legacy

USE_TZ, TIME_ZONE = True, "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [(tag.lower(), tag) for tag in language.LANGUAGES]
FORMAT_MODULE_PATH = "netra.formats"
LOGGING = observability.build_logging_settings(as_json=NETRA.logs_are_json)

# --- Static files: from the source folders in development; collected under hashed names where that was done.
STATIC_URL = "static/"
STATIC_ROOT = NETRA.data_dir / "static"
_COLLECTED = NETRA.production and (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = not NETRA.production
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Security headers and cookies
_SIGN_INS = [origin for provider in NETRA.oidc for origin in provider.origins]
CONTENT_SECURITY_POLICY = {"DIRECTIVES": dict(build_csp(NETRA.allowed_origins, sign_ins=_SIGN_INS))}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = NETRA.hsts_seconds
# netra.server.scopes sets paths, hosts, schemes and clients' addresses; no setting here may read them from headers.
FORCE_SCRIPT_NAME = None
USE_X_FORWARDED_HOST = USE_X_FORWARDED_PORT = False
SECURE_PROXY_SSL_HEADER = None
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = NETRA.session_hours * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NETRA.cookies_are_secure
# Other programs on the same host share its cookies: the names are our own, and with the prefix only we can set them.
SESSION_COOKIE_NAME = NETRA.session_cookie
NETRA_DEVICE_COOKIE = "__Host-netra_device" if NETRA.cookies_are_secure else "netra_device"
CSRF_COOKIE_NAME = "__Host-netra_csrf" if NETRA.cookies_are_secure else "netra_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "netra.error_pages.csrf_failure"

# --- Accounts
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.PasswordChangeForm",
    "set_password": "accounts.forms.FirstPasswordForm",
    "reset_password_from_key": "accounts.forms.PasswordResetForm",
}
# Attempts are counted by accounts.attempt_limits and netra.middleware.rate_limits, in the database. The library's own
# counters are per process, and anybody can use up somebody else's.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    ("login", "login_failed", "signup", "reset_password", "reset_password_from_key", "confirm_email")
)
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
# Users who sign up confirm their address; users whom an operator creates need not have one.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if NETRA.sign_up else "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = NETRA.email_host is not None
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Netra: "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ALLAUTH_TRUSTED_PROXY_COUNT = 0
MFA_FORMS = {
    "authenticate": "accounts.forms.SignInCodeForm",
    "reauthenticate": "accounts.forms.ReauthenticationCodeForm",
    "activate_totp": "accounts.forms.ActivationCodeForm",
}
USERSESSIONS_ADAPTER = "accounts.sessions.SessionsAdapter"
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Netra"
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": provider.id,
                "name": provider.name,
                "client_id": provider.client_id,
                "secret": provider.secret.get_secret_value(),
                "settings": {"server_url": provider.server_url, "sign_up": provider.sign_up},
            }
            for provider in NETRA.oidc
        ],
    }
}

# --- E-mail: printed if no server is set.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if NETRA.email_host else 'console'}.EmailBackend"
EMAIL_HOST = NETRA.email_host or "localhost"
EMAIL_PORT = NETRA.email_port
EMAIL_HOST_USER = NETRA.email_user
EMAIL_HOST_PASSWORD = NETRA.email_password.get_secret_value()
EMAIL_USE_TLS = NETRA.email_security == "starttls"
EMAIL_USE_SSL = NETRA.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = NETRA.email_from
ADMINS = [(address, address) for address in NETRA.admins]
EMAIL_SUBJECT_PREFIX = "Netra: "

# --- REST
REST_FRAMEWORK = rest.build_rest_settings(NETRA)
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105  # a model, no token
REST_KNOX = dict(rest.KNOX_SETTINGS)
SPECTACULAR_SETTINGS = dict(rest.OPENAPI_SETTINGS)
# The size of a request without files; netra.middleware.validation refuses larger ones before anything reads them.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2

# netra.checks reports these itself; redirecting to https is up to the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
