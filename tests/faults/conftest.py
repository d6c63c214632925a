"""Installations of both profiles, for a module's time each; nothing of them is the test's own database."""

from collections.abc import Iterator

import pytest

from tests.faults.installation import Installation, complaints, embedded, scaled
from tests.parts import postgresql, redis
from tests.served import Served


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """None here: the servers are other processes, the tests' own loops may block."""


@pytest.fixture(scope="package")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The embedded profile."""
    with embedded(tmp_path_factory.mktemp("embedded")) as made:
        yield made


@pytest.fixture(scope="package")
def scaled_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation | None]:
    """The scale-out profile, where its parts are installed."""
    if postgresql.installed() is None or not redis.installed():
        yield None
        return
    with scaled(tmp_path_factory.mktemp("scaled")) as made:
        yield made


@pytest.fixture
def two(scaled_out: Installation | None) -> Installation:
    if scaled_out is None:
        pytest.skip("PostgreSQL or Redis is not installed: sudo apt-get install postgresql redis-server")
    return scaled_out


@pytest.fixture(scope="package")
def running(one: Installation) -> Iterator[Served]:
    """A server for all who leave it as they found it: starting one takes seconds."""
    with one.server("running") as server:
        yield server
        assert complaints(server) == []


@pytest.fixture(scope="package")
def servers(scaled_out: Installation | None) -> Iterator[tuple[Served, Served] | None]:
    if scaled_out is None:
        yield None
        return
    with scaled_out.server("left") as left, scaled_out.server("right") as right:
        yield left, right


@pytest.fixture
def pair(two: Installation, servers: tuple[Served, Served] | None) -> tuple[Served, Served]:
    """Two servers of the scale-out profile."""
    assert servers is not None
    return servers
