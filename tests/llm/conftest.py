from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import models

from core.models import User
from netra.services import Services, running_services
from tests.support.llm import sample_logs
from tests.support.llm.model_responses import Script
from tests.support.llm.model_server import ModelServer, serving
from tests.support.running_worker import environment
from tests.support.workloads.read_logs import ReadLog, give_log
from workloads.models import Workload

Serve = Callable[[Script], ModelServer]
OpenServices = Callable[..., AbstractAsyncContextManager[Services]]
GiveLog = Callable[[User], Workload]


@pytest.fixture(autouse=True)
def requests_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """To the scripted server on this machine; a proxy is not asked the way there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with models.override_allow_model_requests(True):
        yield


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that end with the test."""
    opened: list[AbstractContextManager[ModelServer]] = []

    def start(script: Script) -> ModelServer:
        opened.append(serving(script))
        return opened[-1].__enter__()

    yield start
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture(scope="session")
def shop() -> ReadLog:
    return sample_logs.read()


@pytest.fixture(name="give_log")
def fixture_give_log(shop: ReadLog, tmp_path: Path) -> GiveLog:
    """Gives a user the log of tests.support.llm.sample_logs, without reading it again."""
    return lambda user: give_log(user, shop, tmp_path)


@pytest.fixture
def run_services(tmp_path: Path) -> OpenServices:
    """Runs services of its own; without a server, without a language model."""

    @asynccontextmanager
    async def open_services(server: ModelServer | None = None, **settings: Any) -> AsyncIterator[Services]:
        mine: dict[str, Any] = {"model": "offline", "model_base_url": None, "model_api_key": None}
        fast: dict[str, Any] = {"model_timeout_seconds": 20, "model_attempts": 1}
        remote = {"model": "openai:scripted", "model_base_url": server.base_url} if server else {}
        async with running_services(environment(tmp_path, **mine | fast | remote | settings)) as services:
            yield services

    return open_services
