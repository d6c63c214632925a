import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from core.models import User
from tests.conftest import People

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Rate limits live in the process's cache: no test counts another's attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _one_code_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code of a second factor stays valid for the whole test, however slow the machine."""
    now = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: now))


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """What makes guessing slow makes tests slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def owner(people: People) -> User:
    people.owner.set_password(PASSWORD)
    people.owner.email = "owner@example.org"
    people.owner.save()
    return people.owner


@pytest.fixture
def signed_in(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client
