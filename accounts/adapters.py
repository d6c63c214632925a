"""django-allauth's adapters: sign-up, password checks, mails, redirects, and encryption of second factors at rest."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.attempt_limits import count_mail, count_password_attempt, count_reauthentication_attempt, remember_device
from accounts.sessions import SIGN_IN_AGAIN, can_reauthenticate, is_recently_authenticated
from core.exceptions import BadInput
from core.i18n.language import request_language
from core.i18n.text import text
from core.models import User
from core.username_rules import check_shape
from core.users import check_name, find_free_name

INVALID_CREDENTIALS = text(
    "Wrong name or password, or too many attempts. Try again in five minutes, or reset your password."
)
"""One message for all cases, so that it reveals neither which accounts exist nor which limits apply."""
TOO_MANY_ATTEMPTS = text("Too many attempts. Try again in five minutes.")
ERROR_MESSAGES = {
    "username_password_mismatch": INVALID_CREDENTIALS,
    "email_password_mismatch": INVALID_CREDENTIALS,
    "too_many_login_attempts": TOO_MANY_ATTEMPTS,
    "rate_limited": TOO_MANY_ATTEMPTS,
}
LIMITED_MAIL_TEMPLATES = tuple(
    f"account/email/{name}"
    for name in ("password_reset_key", "unknown_account", "account_already_exists", "email_confirmation")
)
"""Template prefixes of the mails that a stranger can request."""


@dataclass(frozen=True, slots=True)
class MailSite:
    """The installation as mails name it."""

    domain: str
    name: str


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether anybody may sign up."""
        return bool(settings.NETRA.sign_up)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if (message := ERROR_MESSAGES.get(code)) is not None:
            return ValidationError(
                request_language(self.request).translate(message) if self.request else str(message), code=code
            )
        error: ValidationError = super().validation_error(code, *args)
        return error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Count the attempt, try it, and refund it if it succeeds. Raises ValidationError if there were too many."""
        login = credentials.get("username") or credentials.get("email") or ""
        attempt = count_password_attempt(request, login, credentials.get("password") or "")
        if attempt is None:
            raise self.validation_error("username_password_mismatch")
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeed()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password of a signed-in user again. Strangers' attempts do not count here."""
        attempt = count_reauthentication_attempt(user)
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        is_correct: bool = user.check_password(password)
        if is_correct:
            attempt.succeed()
        return is_correct

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Called before changes of addresses, passwords, second factors and companies' sign-ins.

        The library lets users through who have neither a password nor a second factor. They must have signed in
        recently.
        """
        user = self.request.user
        if (
            isinstance(user, User)
            and not can_reauthenticate(user)
            and not is_recently_authenticated(self.request, user)
        ):
            language = request_language(self.request)
            context = {"message": language.translate(SIGN_IN_AGAIN), "language": language}
            raise ImmediateHttpResponse(HttpResponse(render_to_string("error.html", context), status=403))
        required: bool = super().is_reauthentication_required(app=app, **options)
        return required

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        remember_device(request, response, user)
        return response

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Check a username; `shallow`: without comparing it with existing ones.

        An e-mail address is not accepted, not even one's own, because it is not verified yet.
        """
        try:
            if shallow:
                check_shape(username)
            else:
                check_name(username)
        except BadInput as error:
            raise ValidationError(
                request_language(self.request).translate(error.message) if self.request else str(error)
            ) from error
        cleaned: str = super().clean_username(username, shallow=shallow)
        return cleaned

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Find a free username: a company's sign-in must not fail because of the names that it sends."""
        if not user.username:
            candidates = (user.email.partition("@")[0], user.first_name, user.last_name)
            user.username = find_free_name(name for name in candidates if len(name) > 1)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail with links to the configured origin, whatever the request's host was.

        Above the limit nothing is sent, and the answer to the request does not show it.
        """
        template = next((each for each in LIMITED_MAIL_TEMPLATES if template_prefix.startswith(each)), None)
        if template is not None and not count_mail(email, template):
            return
        origin = settings.NETRA.public_origin
        host = urlsplit(origin).netloc
        updated = {
            name: _replace_origin(value, origin) if name.endswith("_url") else value for name, value in context.items()
        }
        super().send_mail(template_prefix, email, updated | {"current_site": MailSite(domain=host, name=host)})

    def is_safe_url(self, url: str) -> bool:
        """Whether a redirect target is a path, or a URL at one of the configured origins."""
        try:
            has_host = bool(urlsplit(url).netloc)
        except ValueError:
            return False  # not a URL
        if has_host:
            return url.startswith(tuple(f"{origin}/" for origin in settings.NETRA.allowed_origins))
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether this company's sign-in creates accounts, which is configured per provider."""
        app: Any = sociallogin.provider.app
        return bool(app.settings.get("sign_up"))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return _build_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken if no key fits. An empty secret instead would be known to everybody."""
        return _build_cipher().decrypt(encrypted_text.encode()).decode()


def _replace_origin(url: Any, origin: str) -> Any:
    """Return the URL with its scheme and host replaced by those of an origin."""
    if not isinstance(url, str):
        return url
    site, parts = urlsplit(origin), urlsplit(url)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, parts.fragment))


def _build_cipher() -> MultiFernet:
    """Return a cipher that encrypts with the current key and also decrypts with the older ones."""
    return MultiFernet([_derive_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derive_cipher(key: str) -> Fernet:
    # The salt is not a module path: with another one, no stored second factor can be decrypted.
    digest = salted_hmac("netra.accounts.second_factor", "at rest", secret=key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))
