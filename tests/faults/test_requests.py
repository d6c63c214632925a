"""Made-up requests to every route, over real sockets: each is answered, none is an error of the server's."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from django.urls import get_resolver

from tests.faults.clients.askers import Answer, ask_all
from tests.faults.clients.requests import Case, Ground, Visitor, case, routes
from tests.faults.installation import Installation, list_complaints
from tests.matrix.exists import addresses
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

LINES = 8  # connections at once
SEED = 20261129
CSRF = "c" * 32
TRACES = (b"Traceback (most recent call last)", b'File "/')
KEPT = 3  # failures shown


@pytest.fixture(scope="module")
def fuzzed_server(either: Installation) -> Iterator[tuple[LiveServer, Ground]]:
    """A server of its own: the others' watch over a log that these requests may fill with warnings."""
    with either.server("fuzzed", metrics_token="for-the-measures") as server:
        people = json.loads(either.run("clients.visitors"))
        yield server, ground(server, people)
        assert list_complaints(server) == []


def ground(server: LiveServer, people: dict[str, dict[str, str]]) -> Ground:
    """The routes that there are, and ids of things that the user has."""
    user, operator, guest = people["user"], people["operator"], people["guest"]
    own = {"api/threads/": create_by_rest(server, user["token"], "threads", {"title": "x"})}
    own["api/workloads/"] = create_by_rest(server, user["token"], "workloads/sample", {})
    own["api/runs/"] = create_by_rest(
        server, user["token"], "runs", {"text": "where does it go?", "thread_id": own["api/threads/"]}
    )
    own["api/uploads/"] = create_by_rest(server, user["token"], "uploads", {"name": "x.csv", "size": 10})
    own |= {
        "admin/core/user/": guest["id"],
        "admin/agents/thread/": own["api/threads/"],
        "admin/agents/run/": own["api/runs/"],
    }
    return Ground(
        routes=routes([address for address, _ in addresses(get_resolver().url_patterns)]),
        own=own,
        ids=(*own.values(), guest["id"], guest["token"][:8], "1", "2", "x"),
        visitors=(
            Visitor("nobody", {}, passing=True),
            Visitor("guest", by_session(guest["session"]), passing=True),
            Visitor("user", by_session(user["session"]), ("api/", "accounts/")),
            Visitor("token", {"Authorization": f"Token {user['token']}"}, ("api/",)),
            Visitor("operator", by_session(operator["session"]), ("admin/",)),
            Visitor("collector", {"Authorization": "Bearer for-the-measures"}, ("metrics",)),
        ),
        host=server.origin.removeprefix("http://"),
    )


def by_session(key: str) -> dict[str, str]:
    return {"Cookie": f"netra_session={key}; netra_csrf={CSRF}", "X-CSRFToken": CSRF}


def create_by_rest(server: LiveServer, token: str, path: str, body: dict[str, object]) -> str:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    with urlopen(
        Request(f"{server.origin}/api/{path}/", json.dumps(body).encode(), headers), timeout=PATIENCE
    ) as answer:
        return str(json.load(answer)["id"])


def wrong(answer: Answer) -> bool:
    """No answer, one that says that the server is at fault, or one that shows its insides."""
    return not 200 <= answer.status < 500 or any(trace in answer.body for trace in TRACES)


@pytest.mark.parametrize(
    "count", [500, pytest.param(3_000, marks=pytest.mark.long), pytest.param(100_000, marks=pytest.mark.soak)]
)
def test_no_request_causes_a_server_error(fuzzed_server: tuple[LiveServer, Ground], count: int) -> None:
    server, given = fuzzed_server
    answers = asyncio.run(ask_all(server.origin, lambda number: case(given, SEED, number), count, LINES))
    failures = [describe_case(number, asked, answer) for number, asked, answer in answers if wrong(answer)]
    shown = "\n".join(failures[:KEPT])
    assert not failures, f"{len(failures)} of {count}, the first of them:\n{shown}"
    assert list_log_complaints(server, answers) == []
    assert_reached(answers)


@pytest.mark.parametrize("path", [b"\xe9", b"\xff\xfe", b"%ff", b"http://evil.example", b"/open"])
def test_a_root_path_header_is_ignored(fuzzed_server: tuple[LiveServer, Ground], path: bytes) -> None:
    """Daphne decodes it before anything of ours is asked."""
    server, given = fuzzed_server
    payload = b"GET /healthz/live HTTP/1.1\r\nHost: %b\r\nDaphne-Root-Path: %b\r\n\r\n" % (given.host.encode(), path)
    asked = Case("nobody", "GET", payload)
    ((_, _, answer),) = asyncio.run(ask_all(server.origin, lambda _: asked, 1, 1))
    assert answer.status == 200


def describe_case(number: int, asked: Case, answer: Answer) -> str:
    return f"case(ground, {SEED}, {number}) -> {answer.status} {answer.body[:300]!r}\n  {asked}"


def list_log_complaints(server: LiveServer, answers: list[tuple[int, Case, Answer]]) -> list[str]:
    """What is wrong in the log, with the case that it was about."""
    by_id = {answer.request_id: describe_case(number, asked, answer) for number, asked, answer in answers}
    return [
        "\n".join(
            [complaint, *(words for request_id, words in by_id.items() if request_id and request_id in complaint)]
        )
        for complaint in list_complaints(server)[:KEPT]
    ]


def assert_reached(answers: list[tuple[int, Case, Answer]]) -> None:
    """Who was let in at the beginning got something to the end: else nothing was tried behind a closed door."""
    last = answers[-len(answers) // 3 :]
    reached = Counter(asked.visitor for _, asked, answer in last if answer.status == 200)
    assert {"user", "token", "operator"} <= reached.keys(), reached
