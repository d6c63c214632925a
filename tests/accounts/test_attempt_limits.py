"""Nobody can guess passwords for long, or lock somebody else out by guessing."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail, signing
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import get_resolver
from knox.models import AuthToken
from pytest_django import Settings

from accounts import attempt_limits
from accounts.attempt_limits import find_devices
from core.attempts import AttemptCounter, AttemptLimit, count_attempt, delete_expired_counters, refund_attempt
from core.models import AttemptCount, User
from core.networks import to_narrow_network, to_wide_network
from netra.config import Environment
from netra.middleware.rate_limits import FORM_LIMITS
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_second_factor import SECRET, code
from tests.conftest import People

LOGIN = "/accounts/login/"


def guess(client: Client, login: str, password: str, address: str = "192.0.2.1") -> bool:
    """Whether it signs in."""
    return client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address).status_code == 302


def attack(login: str, times: int, *, networks: int = 1) -> None:
    """Wrong passwords from strangers, each network with its addresses."""
    for number in range(times):
        guess(Client(), login, "wrong", f"10.{number % networks}.0.{number // networks % 250}")


def record_compared_passwords(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that are really compared with the owner's."""
    seen: list[str] = []
    real = User.check_password

    def check(self: User, raw: str) -> bool:
        seen.append(raw)
        return real(self, raw)

    monkeypatch.setattr(User, "check_password", check)
    return seen


@pytest.mark.parametrize("other", ["owner@example.org", "OWNER@EXAMPLE.ORG", "OWNER", "\uff4fwner", " owner "])
def test_all_names_of_a_user_share_one_counter(owner: User, monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    seen = record_compared_passwords(monkeypatch)
    for number in range(5):
        guess(Client(), "owner", f"wrong {number}")
        guess(Client(), other, f"wrong too {number}")
    assert len(set(seen)) <= 5
    assert not guess(Client(), "owner", PASSWORD)


def test_a_stranger_locks_nobody_out(owner: User, client: Client) -> None:
    attack("owner", 60)
    attack("owner@example.org", 60)
    assert guess(client, "owner", PASSWORD, "198.51.100.7")


def test_a_stranger_with_a_network_of_their_own_locks_nobody_out(owner: User, client: Client) -> None:
    for number in range(80):
        guess(Client(), "owner", "wrong", f"2001:db8:1:{number:x}::1")
    assert guess(client, "owner", PASSWORD, "2001:db8:2::1")
    assert guess(Client(), "owner", PASSWORD, "198.51.100.7")


def test_guessing_from_many_addresses_is_limited(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = record_compared_passwords(monkeypatch)
    monkeypatch.setattr(
        attempt_limits, "NAME_LIMITS", (AttemptLimit(name="name, day", max_attempts=30, seconds=86_400),)
    )
    attack("owner", 80, networks=80)
    assert len(seen) == 30


def test_a_known_device_keeps_working(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    known, unknown = Client(), Client()
    assert guess(known, "owner", PASSWORD, "198.51.100.7")
    known.post("/accounts/logout/")
    monkeypatch.setattr(
        attempt_limits, "NAME_LIMITS", (AttemptLimit(name="name, day", max_attempts=30, seconds=86_400),)
    )
    attack("owner", 40, networks=40)
    attack("owner", 10)
    assert not guess(unknown, "owner", PASSWORD, "198.51.100.8")
    # Also from the attacker's own address.
    assert guess(known, "owner", PASSWORD, "10.0.0.0")


def test_a_device_counts_for_its_user_only_and_has_a_limit(
    owner: User, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.neighbour.set_password(PASSWORD)
    people.neighbour.save()
    client = Client()
    assert guess(client, "neighbour", PASSWORD)
    client.post("/accounts/logout/")
    seen = record_compared_passwords(monkeypatch)
    for _ in range(10):
        guess(client, "owner", "wrong")
    assert len(seen) == 5
    seen.clear()
    for _ in range(30):
        guess(client, "neighbour", "wrong")
    assert len(seen) == 10


def claim_address(owner: User, number: int) -> User:
    """Another account, which says that the owner's address is its own."""
    made = User.objects.create(id=UUID(int=number + 1), username=f"claims{number}")
    made.set_password("of the attacker 42")
    made.save()
    EmailAddress.objects.create(user=made, email=owner.email, verified=False)
    return made


def test_claiming_an_address_allows_no_more_guesses(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a device of the claimant's own, and new ones as often as they sign in."""
    claim_address(owner, 0)
    seen = record_compared_passwords(monkeypatch)
    for number in range(30):
        client = Client()
        if number % 5 == 0:
            assert guess(client, "claims0", "of the attacker 42", "192.0.2.9")
            client.post("/accounts/logout/")
        guess(client, owner.email, f"wrong {number}")
    assert len({each for each in seen if each.startswith("wrong")}) == 5


@pytest.mark.parametrize("verified", [True, False])
def test_the_owner_of_an_address_that_many_claim_is_counted(
    owner: User, verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if verified:
        EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    for number in range(7):
        claim_address(owner, number)
    seen = record_compared_passwords(monkeypatch)
    for number in range(8):
        guess(Client(), owner.email, f"wrong {number}", f"10.0.{number}.1")
    assert len(set(seen)) == (8 if verified else 0)
    assert guess(Client(), "owner", PASSWORD, "198.51.100.7")
    assert guess(Client(), owner.email, PASSWORD, "198.51.100.7") is verified
    monkeypatch.setattr(
        attempt_limits, "NAME_LIMITS", (AttemptLimit(name="name, day", max_attempts=8, seconds=86_400),)
    )
    seen.clear()
    guess(Client(), owner.email, "wrong", "10.1.0.1")
    assert not seen


@pytest.mark.parametrize("made_up", ["", "x", "eyJhIjoxfQ:1:x"])
def test_a_device_cookie_cannot_be_forged(owner: User, made_up: str, settings: Settings) -> None:
    client = Client()
    client.cookies[settings.NETRA_DEVICE_COOKIE] = made_up
    for _ in range(5):
        guess(client, "owner", "wrong")
    assert not guess(client, "owner", PASSWORD)


def test_a_device_cookie_of_an_earlier_version_is_valid(settings: Settings) -> None:
    """Renaming modules must not change the salt, which looks like one: every known device would be forgotten."""
    request = RequestFactory().get("/")
    user = uuid4()
    request.COOKIES[settings.NETRA_DEVICE_COOKIE] = signing.dumps({user.hex: "laptop"}, salt="netra.accounts.devices")
    assert find_devices(request, [user]) == {user: "laptop"}


def test_the_cookie_is_for_browsers_alone(owner: User, settings: Settings) -> None:
    client = Client()
    guess(client, "owner", PASSWORD)
    cookie = client.cookies[settings.NETRA_DEVICE_COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert Client(cookies={settings.NETRA_DEVICE_COOKIE: cookie.value}).get("/api/me/").status_code == 401


def page_of(login: str, password: str, address: str) -> str:
    page = Client().post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address).content.decode()
    return re.sub(r'(value|name="csrfmiddlewaretoken" value)="[^"]*"', "", page)


def test_answers_reveal_no_accounts_or_limits(owner: User) -> None:
    """A wrong password, one too many, and a name or address that nobody has: one answer."""
    answers = {page_of(login, "wrong", "192.0.2.9") for login in ("owner",) * 7 + ("nobody",) * 7 + ("no@example.org",)}
    assert len(answers) == 1
    assert "too many attempts" in answers.pop()


def test_refusing_takes_as_long_as_checking(owner: User) -> None:
    for _ in range(5):
        guess(Client(), "owner", "wrong", "10.0.0.1")
    with patch("accounts.attempt_limits.make_password") as hashing:
        guess(Client(), "owner", PASSWORD, "10.0.0.1")
        assert hashing.call_count == 1
        guess(Client(), "owner", PASSWORD, "192.0.2.9")
        assert hashing.call_count == 1


def test_counters_are_in_the_database_for_all_processes(owner: User) -> None:
    for _ in range(5):
        guess(Client(), "owner", "wrong")
    cache.clear()  # another process has another cache
    assert not guess(Client(), "owner", PASSWORD)
    assert AttemptCount.objects.exists()
    stored = str(list(AttemptCount.objects.values()))
    assert "owner" not in stored
    assert "192.0.2" not in stored


def test_successful_attempts_are_not_counted(owner: User) -> None:
    for _ in range(12):
        assert guess(Client(), "owner", PASSWORD)


def test_a_new_password_by_mail_works_at_once(owner: User, client: Client) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    for _ in range(6):
        guess(client, "owner", "wrong")
    client.post("/accounts/password/reset/", {"email": "owner@example.org"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    form = client.get(link[1], follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "another horse 42", "password2": "another horse 42"})
    assert guess(client, "owner", "another horse 42")


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/reauthenticate/"])
def test_a_stolen_session_cannot_guess_the_password(owner: User, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(owner)
    seen = record_compared_passwords(monkeypatch)
    given: dict[str, str] = {}
    for _ in range(10):
        given = {"oldpassword": "wrong", "password": "wrong", "password1": "new horse 42", "password2": "new horse 42"}
        client.post(path, given)
        cache.clear()
    client.post(path, given | {"oldpassword": PASSWORD, "password": PASSWORD})
    assert len(seen) <= 10
    owner.refresh_from_db()
    assert not owner.check_password("new horse 42")


def test_the_admin_has_no_other_form_for_it(owner: User, client: Client) -> None:
    owner.is_staff = True
    owner.save()
    client.force_login(owner)
    assert client.post("/admin/password_change/", {"old_password": "x"})["Location"] == "/accounts/password/change/"


def test_strangers_attempts_do_not_count_for_signed_in_users(owner: User, client: Client) -> None:
    client.force_login(owner)
    attack("owner", 20)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


@pytest.fixture
def owner_with_second_factor(owner: User) -> User:
    TOTP.activate(owner, SECRET)
    RecoveryCodes.activate(owner)
    return owner


@pytest.mark.parametrize("wrong", ["000000", "deadbeef"])
def test_codes_are_counted_too(owner_with_second_factor: User, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def compare(self: TOTP, code: str) -> bool:
        seen.append(code)
        return False

    monkeypatch.setattr(TOTP, "validate_code", compare)
    for number in range(12):
        client = Client()
        assert guess(client, "owner", PASSWORD)
        client.post("/accounts/2fa/authenticate/", {"code": wrong}, REMOTE_ADDR="192.0.2.1")
        if number % 4 == 0:
            cache.clear()
    assert len(seen) == 5


def test_a_stolen_password_locks_no_known_device_out(owner_with_second_factor: User) -> None:
    known = Client()
    assert guess(known, "owner", PASSWORD)
    assert known.post("/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    known.post("/accounts/logout/")
    for _ in range(6):
        thief = Client()
        guess(thief, "owner", PASSWORD)
        thief.post("/accounts/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR="192.0.2.1")
    backup = (
        Authenticator.objects.get(user=owner_with_second_factor, type="recovery_codes").wrap().get_unused_codes()[0]
    )
    assert guess(known, "owner", PASSWORD)
    assert known.post("/accounts/2fa/authenticate/", {"code": backup}, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_a_code_is_used_once_by_all_processes(owner_with_second_factor: User) -> None:
    once = code()
    with patch("allauth.mfa.totp.internal.auth.validate_totp_code", side_effect=lambda _, given: given == once):
        for answer in (302, 200):
            client = Client()
            guess(client, "owner", PASSWORD)
            assert client.post("/accounts/2fa/authenticate/", {"code": once}).status_code == answer
            cache.clear()  # another process


def test_mails_to_an_address_are_limited(owner: User) -> None:
    for known in ("owner@example.org", "OWNER@example.org", "somebody@example.com"):
        for number in range(8):
            answer = Client().post("/accounts/password/reset/", {"email": known}, REMOTE_ADDR=f"10.{number}.0.1")
            assert answer.status_code == 302
            cache.clear()
    to = [sent.to[0].casefold() for sent in mail.outbox]
    assert (to.count("owner@example.org"), to.count("somebody@example.com")) == (5, 5)


def test_other_mails_use_up_no_password_resets(owner: User, client: Client, settings: Settings) -> None:
    settings.NETRA = Environment(sign_up=True, _env_file=None)
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    secret = {"password1": PASSWORD, "password2": PASSWORD}
    for number in range(8):
        client.post("/accounts/signup/", {"email": owner.email, "username": f"new{number}"} | secret)
    assert len(mail.outbox) == 5
    client.post("/accounts/password/reset/", {"email": owner.email})
    assert "/accounts/password/reset/key/" in str(mail.outbox[-1].body)


def test_new_devices_of_one_user_send_no_more_forms(owner: User, people: People, settings: Settings) -> None:
    """Each sign-in of a second user in a browser without them makes a device; the cookie of the first is kept."""
    people.neighbour.set_password(PASSWORD)
    people.neighbour.save()
    first = Client()
    assert guess(first, "owner", PASSWORD)
    cookie = settings.NETRA_DEVICE_COOKIE
    answers: list[int] = []
    for number in range(4):
        browser = Client(cookies={cookie: first.cookies[cookie].value})
        assert guess(browser, "neighbour", PASSWORD)
        browser.post("/accounts/logout/")
        for each in range(6):
            address = {"email": f"a{number}-{each}@example.com"}
            answers.append(browser.post("/accounts/password/reset/", address, REMOTE_ADDR="192.0.2.1").status_code)
    assert answers == [302] * 20 + [429] * 4


def test_a_known_device_makes_no_more_accounts(owner: User, settings: Settings) -> None:
    settings.NETRA = Environment(sign_up=True, _env_file=None)
    answers = []
    for number in range(21):
        browser = Client()
        if number % 2:
            assert guess(browser, "owner", PASSWORD)
            browser.post("/accounts/logout/")
        answers.append(browser.post("/accounts/signup/", {"username": f"new{number}"}).status_code)
    assert answers == [200] * 20 + [429]


def test_forms_from_one_address_are_limited(owner: User) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": f"a{number}@example.com"}, REMOTE_ADDR="192.0.2.1")
        for number in range(21)
    ]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert "Try again later" in answers[-1].content.decode()


def test_every_form_of_a_stranger_is_counted() -> None:
    """Each route of accounts is asked for by somebody who signed in, or its forms are counted by address."""
    signed_in_only = {
        *("account_overview", "account_tokens", "account_token_create", "account_token_revoke", "account_logout"),
        *("account_reauthenticate", "account_email", "account_change_password", "account_set_password"),
        *("mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "usersessions_list"),
        *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
        "socialaccount_connections",
    }
    nothing_to_send = {
        *("account_inactive", "account_email_verification_sent", "account_reset_password_done"),
        *("account_reset_password_from_key_done", "socialaccount_login_cancelled", "socialaccount_login_error"),
        *("openid_connect_login", "openid_connect_callback"),  # the company's own
    }
    there = set(_names(get_resolver().url_patterns, "accounts/")) - {None}  # old addresses, which lead to new ones
    assert there == signed_in_only | nothing_to_send | set(FORM_LIMITS)


def _names(patterns: Any, below: str, path: str = "") -> Any:
    for each in patterns:
        whole = path + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _names(each.url_patterns, below, whole)
        elif whole.startswith(below):
            yield each.name


def test_wrong_tokens_are_counted_by_address_and_valid_ones_accepted(owner: User, client: Client) -> None:
    _, token = AuthToken.objects.create(owner)
    wrong: dict[str, Any] = {"headers": {"Authorization": "Token " + "0" * 64}}
    answers = [client.get("/api/me/", **wrong, REMOTE_ADDR="192.0.2.1").status_code for _ in range(101)]
    assert answers == [401] * 100 + [429]
    assert client.get("/api/me/", **wrong, REMOTE_ADDR="192.0.2.2").status_code == 401
    right: dict[str, Any] = {"headers": {"Authorization": f"Token {token}"}}
    assert client.get("/api/me/", **right, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_the_unlock_command_unlocks_a_user(owner: User) -> None:
    for _ in range(6):
        guess(Client(), "owner", "wrong")
    assert not guess(Client(), "owner", PASSWORD)
    call_command("unlock", "owner", stdout=StringIO())
    assert guess(Client(), "owner", PASSWORD)
    for bad in ([], ["owner", "--all"], ["nobody"]):
        with pytest.raises(CommandError):
            call_command("unlock", *bad)
    guess(Client(), "owner", "wrong")
    call_command("unlock", "--all", stdout=StringIO())
    assert not AttemptCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_concurrent_attempts_do_not_exceed_the_limit() -> None:
    counters = [
        AttemptCounter(limit=AttemptLimit(name="narrow", max_attempts=7, seconds=60), subject="a", partition="b"),
        AttemptCounter(limit=AttemptLimit(name="wide", max_attempts=100, seconds=60), subject="a"),
    ]

    def one(_: int) -> bool:
        try:
            return count_attempt(counters)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(one, range(40))) == 7
    # What was refused at the narrow one has used up nothing of the wide one.
    assert sorted(AttemptCount.objects.values_list("count", flat=True)) == [7, 7]
    refund_attempt(counters)
    assert count_attempt(counters)


@pytest.mark.django_db
def test_a_counter_restarts_after_its_period() -> None:
    counter = AttemptCounter(limit=AttemptLimit(name="one", max_attempts=1, seconds=60), subject="a")
    assert count_attempt([counter])
    assert not count_attempt([counter])
    AttemptCount.objects.update(expires=1)
    assert count_attempt([counter])
    AttemptCount.objects.update(expires=1)
    assert delete_expired_counters(2, 10) == 1


@pytest.mark.parametrize(
    ("address", "narrow", "wide"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("", "local", "local"),
        ("no address", "local", "local"),
    ],
)
def test_addresses_count_as_networks(address: str, narrow: str, wide: str) -> None:
    assert (to_narrow_network(address), to_wide_network(address)) == (narrow, wide)
