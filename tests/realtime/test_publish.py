"""Events are published when they are committed, whichever function appended them."""

import ast
import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from inspect import getattr_static
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from blockbuster import BlockBuster
from django.db import connections, transaction
from rest_framework.test import APIRequestFactory, force_authenticate

from agents import runs, threads
from agents.api.threads import ThreadViewSet
from core.events import Event, ThreadChanged, is_terminal
from core.models import User
from core.stream import read
from core.stream.append import Publish, publish_to_nobody
from core.stream.batches import Batch, Commits, Position
from realtime.broadcast import ChannelLayerNotifier, Publisher, SelectiveLayer, make_command_publish
from realtime.delivery import follow_stream
from realtime.redis_layer import RedisNotificationLayer
from realtime.subscriptions import StreamSubscriptions
from tests.agents.claimed_runs import connection
from tests.conftest import People
from tests.parts.redis import is_installed, redis
from tests.realtime.appenders import APPENDERS
from tests.realtime.test_two_sockets import open_socket, receive_frame
from tests.support.patience import PATIENCE
from tests.support.running_worker import environment, working
from tests.support.services import build_services

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "workloads", "tools", "agents", "realtime", "accounts", "operators", "netra", "legacy")
APPENDING = {"append_events", "append_events_by_user", "append_state_event", "queue_import", "append_consent_event"}
"""The functions that append for others: whoever calls one of them has a row in APPENDERS."""
every_appender = pytest.mark.parametrize("name", sorted(APPENDERS))


@pytest.fixture(scope="module")
def sources() -> Mapping[str, str]:
    """Of the project's modules, by name."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text() for path in paths}


def iter_functions(
    sources: Mapping[str, str], words: Iterable[str]
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the functions of the modules that hold one of these words, each with its full name. Parsing all modules
    takes seconds."""
    held = re.compile(rf"\b(?:{'|'.join(words)})\b")
    for module, source in sources.items():
        if held.search(source):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{module}.{node.name}", node


def iter_uses(function: ast.AST, names: set[str]) -> Iterator[tuple[str, bool]]:
    """Yield where a function uses one of these names, and whether a call around that (a thread's or a partial's, too)
    passes `publish`."""
    named = (node for node in ast.walk(function) if isinstance(node, ast.Attribute | ast.Name))
    used = [(name, node) for node in named if (name := get_name(node)) in names]
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)} if used else {}
    for name, node in used:
        around, passed = parents[node], False
        while isinstance(around, ast.Call | ast.Await):
            passed |= isinstance(around, ast.Call) and any(each.arg == "publish" for each in around.keywords)
            around = parents[around]
        yield f"{name}, line {node.lineno}", passed


def get_name(node: ast.AST) -> str:
    """Return the name of a variable or an attribute; "" of anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_every_function_that_appends_has_a_row(sources: Mapping[str, str]) -> None:
    found = {
        name
        for name, node in iter_functions(sources, APPENDING)
        if node.name not in APPENDING
        and any(isinstance(each, ast.Call) and get_name(each.func) in APPENDING for each in ast.walk(node))
    }
    assert found == set(APPENDERS)


def test_publish_is_passed_on_wherever_a_function_takes_it(sources: Mapping[str, str]) -> None:
    """Also where it has a default: a command names `publish_to_nobody`."""
    taking = {
        node.name
        for _, node in iter_functions(sources, ["publish"])
        if any(argument.arg == "publish" for argument in node.args.kwonlyargs) and not node.name.startswith("__")
    }
    forgotten = [
        f"{name}: {use}"
        for name, node in iter_functions(sources, taking)
        for use, passed in iter_uses(node, taking)
        if not passed
    ]
    assert len(taking) > 30
    assert forgotten == []


def get_stream(user: User) -> list[str]:
    """The stored events, as JSON."""
    start = Position(epoch=read.get_head_position(user.id).epoch, seq=0)
    found = read.read_after(user.id, start, limit=1_000)
    assert isinstance(found, Batch)
    return list(found.payloads)


@every_appender
def test_published_batches_equal_the_stored_events(name: str, people: People, tmp_path: Path) -> None:
    act, published = APPENDERS[name](people.owner, tmp_path), list[Commits]()
    start = read.get_head_position(people.owner.id)
    act(published.append)
    assert {user_id for commits in published for user_id in commits} == {people.owner.id}
    batches = [commits[people.owner.id] for commits in published]
    assert [batch.after for batch in batches] == [start.seq, *[batch.upto for batch in batches[:-1]]]
    stored = read.read_after(people.owner.id, start)
    assert isinstance(stored, Batch)
    assert [event for batch in batches for event in batch.events] == list(stored.events)


@every_appender
def test_a_rolled_back_batch_is_not_published(name: str, people: People, tmp_path: Path) -> None:
    act, published = APPENDERS[name](people.owner, tmp_path), list[Commits]()
    before = get_stream(people.owner)
    with transaction.atomic():
        act(published.append)
        assert published == []  # nor before the outermost transaction is committed
        transaction.set_rollback(True)
    assert (published, get_stream(people.owner)) == ([], before)


@every_appender
def test_a_failed_publish_does_not_fail_the_commit(name: str, people: People, tmp_path: Path) -> None:
    act = APPENDERS[name](people.owner, tmp_path)
    start = read.get_head_position(people.owner.id)

    def fail(commits: Commits) -> None:
        raise RuntimeError("nobody can be reached")

    act(fail)
    assert read.get_head_position(people.owner.id).seq > start.seq


class Process:
    """The subscriptions of one process, what they get, and its publish. It does not poll."""

    def __init__(self, layer: Any) -> None:
        self.subscriptions = StreamSubscriptions()
        self.notifier = ChannelLayerNotifier(layer, self.subscriptions)
        self.publish: Publish = Publisher(self.subscriptions, self.notifier).publish
        self.reads = 0


@asynccontextmanager
async def running(layer: Any) -> AsyncIterator[Process]:
    process = Process(layer)
    task = asyncio.create_task(process.notifier.run())
    try:
        yield process
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    if not is_installed():
        pytest.skip("Redis is not installed")
    with redis() as server:
        yield server.url


@pytest.fixture(autouse=True)
def version_lookup(blockbuster: BlockBuster) -> None:
    """A new connection of redis-py looks up its own version in a file."""
    for each in blockbuster.functions.values():
        each.can_block_in("redis/driver_info.py", {"__post_init__"})


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The users whose stream a listener has read from the database."""
    found: list[UUID] = []
    read_after = read.read_after

    def read_and_record(user_id: UUID, *arguments: Any, **options: Any) -> Any:
        found.append(user_id)
        return read_after(user_id, *arguments, **options)

    monkeypatch.setattr("realtime.delivery.read_after", read_and_record)
    return found


@every_appender
async def test_a_commit_reaches_all_listeners_without_a_poll(
    name: str, people: People, tmp_path: Path, redis_url: str, reads: list[UUID]
) -> None:
    act = await sync_to_async(APPENDERS[name])(people.owner, tmp_path)
    start = await sync_to_async(read.get_head_position)(people.owner.id)
    layers = [RedisNotificationLayer(hosts=[{"address": redis_url, "socket_timeout": None}]) for _ in range(2)]
    async with running(layers[0]) as here, running(layers[1]) as there, asyncio.timeout(PATIENCE):
        here_subscription, there_subscription = (
            process.subscriptions.subscribe(people.owner.id) for process in (here, there)
        )
        with here_subscription as listener_here, there_subscription as listener_there:
            there.notifier.add_listener(people.owner.id)
            await listener_there.wait()  # it has joined the group
            assert listener_there.take_gap()
            await sync_to_async(act)(here.publish)
            stored = await sync_to_async(read.read_after)(people.owner.id, start)
            assert isinstance(stored, Batch)
            await listener_here.wait()
            position, events = start, list[Event]()
            while (batch := listener_here.next_batch(position)) is not None:
                position, events = batch.position, [*events, *batch.events]
            assert (position, events) == (stored.position, list(stored.events))
            assert not listener_here.take_gap()
            await listener_there.wait()
            assert listener_there.take_gap()  # it reads the database now
    for layer in layers:
        await layer.flush()


@asynccontextmanager
async def following(user: User, subscriptions: StreamSubscriptions) -> AsyncIterator[asyncio.Queue[Batch]]:
    """Follow a user's stream from its head; its batches are put into the queue as they come."""
    batches: asyncio.Queue[Batch] = asyncio.Queue()
    start = await sync_to_async(read.get_head_position)(user.id)

    async def follow() -> None:
        async for batch in follow_stream(user.id, start, subscriptions):
            assert isinstance(batch, Batch)
            batches.put_nowait(batch)

    task = asyncio.create_task(follow())
    while not any(each.position for each in subscriptions._by_user.get(user.id, ())):
        await asyncio.sleep(0.01)  # until its first read is done
    try:
        yield batches
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_run_costs_its_listeners_no_read(people: People, tmp_path: Path, reads: list[UUID]) -> None:
    """Also where the conversation is renamed while the run is at work."""
    async with (
        working(environment(tmp_path)) as (services, worker),
        following(people.owner, services.subscriptions) as batches,
        asyncio.timeout(PATIENCE),
    ):
        before = list(reads)
        start = sync_to_async(runs.start_run)
        run, _ = await start(connection(people.owner), question="hello", workload_id=None, publish=services.publish)
        worker.wake()
        rename = sync_to_async(threads.rename_thread)
        await rename(people.owner.id, run.thread_id, "a greeting", publish=services.publish)
        events: list[Event] = []
        while not any(map(is_terminal, events)):
            events += (await batches.get()).events
        types = [event.type for event in events]
        assert (types[0], types.count("thread_changed")) == ("run_queued", 1)
    assert reads == before


def rename_over_rest(user: User, thread_id: UUID, publish: Publish) -> int:
    """Rename a conversation by a request that has a server's services in its scope. Return its status."""
    request = APIRequestFactory().patch("/", {"title": "after"}, format="json")
    request.scope = {"services": build_services(publish=publish)}  # type: ignore[attr-defined]
    force_authenticate(request, user)
    return int(ThreadViewSet.as_view({"patch": "partial_update"})(request, pk=thread_id).status_code)


async def test_a_rename_over_rest_reaches_another_tab(people: People, reads: list[UUID]) -> None:
    thread = await sync_to_async(threads.create_thread)(people.owner.id, "before", publish=publish_to_nobody)
    async with running(None) as here, following(people.owner, here.subscriptions) as batches:
        before = list(reads)
        assert await sync_to_async(rename_over_rest)(people.owner, thread.id, here.publish) == 200
        (event,) = (await asyncio.wait_for(batches.get(), PATIENCE)).events
        assert isinstance(event, ThreadChanged)
        assert event.title == "after"
    assert reads == before


async def test_a_question_by_frame_reaches_another_tab(people: People, reads: list[UUID]) -> None:
    async with running(None) as here, following(people.owner, here.subscriptions) as batches:
        before, services = list(reads), build_services(here.subscriptions, publish=here.publish)
        async with open_socket(people.owner, connection, services) as tab:
            assert (await receive_frame(tab))["type"] == "welcome"
            await tab.send_json_to({"type": "start", "id": "1", "client_id": str(uuid4()), "text": "hello"})
            (event,) = (await asyncio.wait_for(batches.get(), PATIENCE)).events
            assert event.type == "run_queued"
    assert reads == before


def create_thread_in_command(user_id: UUID, publish: Publish) -> None:
    try:
        threads.create_thread(user_id, "by a command", publish=publish)
    finally:
        connections.close_all()  # this thread's own


async def test_a_commands_events_reach_the_servers(people: People, redis_url: str) -> None:
    layer, command_layer = (
        RedisNotificationLayer(hosts=[{"address": redis_url, "socket_timeout": None}]) for _ in range(2)
    )
    async with running(layer) as there, asyncio.timeout(PATIENCE):
        with there.subscriptions.subscribe(people.owner.id) as listener:
            there.notifier.add_listener(people.owner.id)
            await listener.wait()
            assert listener.take_gap()
            publish = make_command_publish(command_layer)
            await asyncio.to_thread(create_thread_in_command, people.owner.id, publish)
            await listener.wait()
            assert listener.take_gap()
    await layer.flush()


@pytest.mark.parametrize("method", ["group_send", "group_send_to_others"])
def test_the_layer_has_the_methods_by_which_it_is_known(method: str) -> None:
    """Also on a Python that looks for them without `__getattr__`."""
    assert callable(getattr_static(RedisNotificationLayer, method))
    assert method in dir(SelectiveLayer)


def test_without_redis_a_command_publishes_to_nobody() -> None:
    assert make_command_publish(None) is publish_to_nobody


async def test_batches_of_many_threads_arrive_in_the_order_of_their_publishing() -> None:
    seen: list[Commits] = []

    class Recording(StreamSubscriptions):
        def publish(self, commits: Mapping[UUID, Batch]) -> None:
            seen.append(commits)

    subscriptions = Recording()
    publisher = Publisher(subscriptions, ChannelLayerNotifier(None, subscriptions))
    published: list[Commits] = [{} for _ in range(1_000)]

    def publish(part: Sequence[Commits]) -> None:
        for commits in part:
            publisher.publish(commits)

    await asyncio.gather(*(asyncio.to_thread(publish, published[start::4]) for start in range(4)))
    async with asyncio.timeout(PATIENCE):
        while len(seen) < len(published):
            await asyncio.sleep(0)
    for start in range(4):
        own = {id(commits) for commits in published[start::4]}
        assert [id(commits) for commits in seen if id(commits) in own] == list(map(id, published[start::4]))


async def test_publishing_while_the_process_ends_does_not_fail() -> None:
    def make() -> Publisher:
        async def create_publisher() -> Publisher:
            subscriptions = StreamSubscriptions()
            return Publisher(subscriptions, ChannelLayerNotifier(None, subscriptions))

        return asyncio.run(create_publisher())

    publisher = await asyncio.to_thread(make)
    publisher.publish({})  # its loop is closed
