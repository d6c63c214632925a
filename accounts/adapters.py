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

from accounts.attempt_limits import count_mail, count_password_attempt, count_reauthentication_attempt
from accounts.devices import remember_device
from accounts.sessions import SIGN_IN_AGAIN, can_reauthenticate, is_recently_authenticated
from core.exceptions import BadInput
from core.i18n.language import request_language
from core.i18n.text import text
from core.models import User
from core.username_rules import check_shape
from core.users import check_name, find_free_name

INVALID_CREDENTIALS = text(
    "That name and password are not correct, or there were too many attempts. Try again in five minutes, or reset your "
    "password."
)
"""The same in each case: nobody learns from it who there is, or what counts together."""
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
"""Mails that a stranger can have sent, by the beginnings of their templates."""


@dataclass(frozen=True, slots=True)
class MailSite:
    """This installation, as mails name it."""

    domain: str
    name: str


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether the installation lets anybody in."""
        return bool(settings.NETRA.sign_up)

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if (words := ERROR_MESSAGES.get(code)) is not None:
            return ValidationError(
                request_language(self.request).translate(words) if self.request else str(words), code=code
            )
        told: ValidationError = super().validation_error(code, *args)
        return told

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Counted before it is tried; what is right is given back. Raises ValidationError for one too many."""
        login = credentials.get("username") or credentials.get("email") or ""
        guess = count_password_attempt(request, login, credentials.get("password") or "")
        if guess is None:
            raise self.validation_error("username_password_mismatch")
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            guess.succeed()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """The password once more, of who is signed in: no stranger's attempts count here."""
        guess = count_reauthentication_attempt(self.request, user)
        if guess is None:
            raise self.validation_error("too_many_login_attempts")
        right: bool = user.check_password(password)
        if right:
            guess.succeed()
        return right

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Asked before whatever opens or shuts an account: addresses, passwords, second factors, companies' sign-ins.

        Who has nothing to show again (the library lets them through) must have signed in just now.
        """
        user = self.request.user
        if (
            isinstance(user, User)
            and not can_reauthenticate(user)
            and not is_recently_authenticated(self.request, user)
        ):
            language = request_language(self.request)
            told = {"message": language.translate(SIGN_IN_AGAIN), "language": language}
            raise ImmediateHttpResponse(HttpResponse(render_to_string("error.html", told), status=403))
        required: bool = super().is_reauthentication_required(app=app, **options)
        return required

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        remember_device(request, response, user)
        return response

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """`shallow`: without a look at who else there is. An address is no name here, not even one's own: nobody has
        proven it yet."""
        try:
            if shallow:
                check_shape(username)
            else:
                check_name(username)
        except BadInput as error:
            raise ValidationError(
                request_language(self.request).translate(error.words) if self.request else str(error)
            ) from error
        cleaned: str = super().clean_username(username, shallow=shallow)
        return cleaned

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """A company's sign-in must not fail because of what it calls somebody: they get a name that is free."""
        if not user.username:
            wanted = (user.email.partition("@")[0], user.first_name, user.last_name)
            user.username = find_free_name(name for name in wanted if len(name) > 1)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """All that a mail says of an address is the configured origin, whatever the request said of itself.

        One too many to an address is not sent; whoever asked for it is answered as ever.
        """
        kind = next((each for each in LIMITED_MAIL_TEMPLATES if template_prefix.startswith(each)), None)
        if kind is not None and not count_mail(email, kind):
            return
        origin = settings.NETRA.public_origin
        host = urlsplit(origin).netloc
        moved = {
            name: _replace_origin(value, origin) if name.endswith("_url") else value for name, value in context.items()
        }
        super().send_mail(template_prefix, email, moved | {"current_site": MailSite(domain=host, name=host)})

    def is_safe_url(self, url: str) -> bool:
        """Whether a redirect stays here: a path, or an address at one of the configured origins."""
        try:
            elsewhere = bool(urlsplit(url).netloc)
        except ValueError:
            return False  # no address at all
        if elsewhere:
            return url.startswith(tuple(f"{origin}/" for origin in settings.NETRA.allowed_origins))
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether this company's sign-in makes accounts: said per provider, whatever holds for strangers."""
        app: Any = sociallogin.provider.app
        return bool(app.settings.get("sign_up"))


def _replace_origin(url: Any, origin: str) -> Any:
    """The same address at an origin."""
    if not isinstance(url, str):
        return url
    site, parts = urlsplit(origin), urlsplit(url)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, parts.fragment))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return _build_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken without the key: an empty secret would be one that everybody knows."""
        return _build_cipher().decrypt(encrypted_text.encode()).decode()


def _build_cipher() -> MultiFernet:
    """The key in force first, then those before it."""
    return MultiFernet([_derive_cipher(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derive_cipher(key: str) -> Fernet:
    # The salt is not a module path: with another one, no stored second factor can be decrypted.
    digest = salted_hmac("netra.accounts.second_factor", "at rest", secret=key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(digest))
