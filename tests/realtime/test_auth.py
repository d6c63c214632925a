"""By what a socket was opened, looked at again; and whose sockets are closed for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from knox.models import AuthToken

from core.models import User
from core.users import credential_fingerprint
from realtime import connections
from realtime.auth import Credential, find_withdrawn_credentials
from realtime.connections import ConnectionRegistry, TooManySockets
from realtime.protocol import CloseCode
from tests.conftest import People
from tests.realtime.test_authority import deactivate, delete_user, expire_credentials, signed_out, with_another_password
from tests.support.sockets import credential
from tests.support.stream_client import session_of

pytestmark = pytest.mark.django_db


def by_session(user: User) -> Credential:
    return Credential(
        user_id=user.id, kind="session", key=session_of(user), fingerprint=credential_fingerprint(user.password)
    )


def by_token(user: User) -> Credential:
    token, _ = AuthToken.objects.create(user)
    return Credential(
        user_id=user.id, kind="token", key=token.digest, fingerprint=credential_fingerprint(user.password)
    )


@pytest.mark.parametrize("change", [deactivate, with_another_password, signed_out, expire_credentials, delete_user])
def test_withdrawn_credentials_are_found(people: People, change: Callable[[User], None]) -> None:
    mine, theirs = [by_session(people.owner), by_token(people.owner)], by_token(people.neighbour)
    assert find_withdrawn_credentials([*mine, theirs]) == set()
    change(people.owner)
    assert find_withdrawn_credentials([*mine, theirs]) == set(mine)


def test_a_key_of_the_other_kind_is_not_accepted(people: People) -> None:
    session = by_session(people.owner)
    token = Credential(user_id=people.owner.id, kind="token", key=session.key, fingerprint=session.fingerprint)
    assert find_withdrawn_credentials([session, token]) == {token}


@dataclass(slots=True)
class Out:
    is_closed: bool = False
    codes: list[CloseCode] = field(default_factory=list)

    async def close(self, code: CloseCode) -> None:
        self.is_closed = True
        self.codes.append(code)


@dataclass(slots=True, eq=False)
class FakeSocket:
    credential: Credential
    output: Out = field(default_factory=Out)
    last_frame_at: float = field(default_factory=time.monotonic)


async def test_only_the_users_sockets_are_closed(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = FakeSocket(credential(people.owner)), FakeSocket(credential(people.neighbour))
    monkeypatch.setattr(connections, "find_withdrawn_credentials", lambda asked: {mine.credential} & set(asked))
    open_ones = ConnectionRegistry()
    for each in (mine, theirs):
        open_ones.add(each)  # type: ignore[arg-type]
    await open_ones.close_unauthorized()
    assert (mine.output.codes, theirs.output.codes) == ([CloseCode.AUTHORITY_CHANGED], [])


def test_sockets_are_kept_apart_by_user(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "USER_SOCKETS", 1)
    open_ones = ConnectionRegistry()
    mine, theirs = FakeSocket(credential(people.owner)), FakeSocket(credential(people.neighbour))
    for each in (mine, theirs):
        open_ones.add(each)  # type: ignore[arg-type]
    assert len(open_ones) == 2
    with pytest.raises(TooManySockets):
        open_ones.add(FakeSocket(credential(people.owner)))  # type: ignore[arg-type]
    for each in (mine, theirs):
        open_ones.remove(each)  # type: ignore[arg-type]
    assert len(open_ones) == 0
