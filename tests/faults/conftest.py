"""Installations of both profiles, for a module's time each; nothing of them is the test's own database."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.faults.installation import Installation, list_complaints, open_embedded, open_scaled_out
from tests.parts import postgresql, redis
from tests.support.live_server import LiveServer

MISSING = "PostgreSQL or Redis is not installed: sudo apt-get install postgresql redis-server"


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """None here: the servers are other processes, the tests' own loops may block."""


@pytest.fixture(scope="package")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The embedded profile."""
    with open_embedded(tmp_path_factory.mktemp("embedded")) as made:
        yield made


@pytest.fixture(scope="package")
def scaled_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation | None]:
    """The scale-out profile, where its parts are installed."""
    if postgresql.find_programs() is None or not redis.is_installed():
        yield None
        return
    with open_scaled_out(tmp_path_factory.mktemp("scaled")) as made:
        yield made


@pytest.fixture(scope="package", params=["embedded", pytest.param("scale-out", marks=pytest.mark.soak)])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One of each profile. The second is not the one whose Redis others restart and freeze."""
    if request.param == "embedded":
        yield request.getfixturevalue("one")
        return
    with open_profile(request.param, tmp_path_factory.mktemp("either")) as made:
        yield made


@pytest.fixture(scope="module", params=["embedded", pytest.param("scale-out", marks=pytest.mark.soak)])
def apart(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One of each profile for a module whose runs no other server may take up, such as that of `fleet`."""
    with open_profile(request.param, tmp_path_factory.mktemp("apart")) as made:
        yield made


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The embedded profile, like `apart`."""
    with open_embedded(tmp_path_factory.mktemp("alone")) as made:
        yield made


@pytest.fixture(scope="module")
def scaled_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The scale-out profile, like `apart`."""
    with open_profile("scale-out", tmp_path_factory.mktemp("scaled-alone")) as made:
        yield made


def open_profile(profile: str, folder: Path) -> AbstractContextManager[Installation]:
    if profile == "embedded":
        return open_embedded(folder)
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip(MISSING)
    return open_scaled_out(folder)


@pytest.fixture
def two(scaled_out: Installation | None) -> Installation:
    if scaled_out is None:
        pytest.skip(MISSING)
    return scaled_out


@pytest.fixture(scope="package")
def fleet(either: Installation) -> Iterator[tuple[LiveServer, ...]]:
    """Its servers, one or two, for all who leave them as they found them: starting one takes seconds."""
    with ExitStack() as stack:
        names = ("running",) if either.redis_server is None else ("running", "beside")
        servers = tuple(stack.enter_context(either.server(name)) for name in names)
        yield servers
        assert [said for server in servers for said in list_complaints(server)] == []


@pytest.fixture(scope="package")
def running(fleet: tuple[LiveServer, ...]) -> LiveServer:
    return fleet[0]


@pytest.fixture(scope="package")
def servers(scaled_out: Installation | None) -> Iterator[tuple[LiveServer, LiveServer] | None]:
    if scaled_out is None:
        yield None
        return
    with scaled_out.server("left") as left, scaled_out.server("right") as right:
        yield left, right


@pytest.fixture
def pair(two: Installation, servers: tuple[LiveServer, LiveServer] | None) -> tuple[LiveServer, LiveServer]:
    """Two servers of the scale-out profile."""
    assert servers is not None
    return servers
