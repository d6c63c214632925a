"""The levers of caches and retries against plain Python over generated logs: the rules of docs/figures.md once more, in
decimals, quadratic and without any of our code."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.priced_log import PricedLog
from workloads.levers import prompt_cache, response_cache, retries
from workloads.levers.cache_policy import measure_savings

pytestmark = [pytest.mark.slow, pytest.mark.long]

D = Decimal
BLOCK = 700
DAY = 86_400


@dataclass(frozen=True)
class Model:
    fresh: Decimal  # USD per million tokens, as the providers' pages have them
    read: Decimal
    write: Decimal
    write_1h: Decimal
    output: Decimal
    minimum: int
    step: int
    marked: bool


MODELS = {
    "claude-sonnet-4-5": Model(D(3), D("0.3"), D("3.75"), D(6), D(15), 1024, 1, True),
    "claude-haiku-4-5": Model(D(1), D("0.1"), D("1.25"), D(2), D(5), 4096, 1, True),
    "gpt-4o": Model(D("2.5"), D("1.25"), D("2.5"), D("2.5"), D(10), 1024, 128, False),
}


@dataclass(frozen=True)
class Call:
    model: str
    at: int
    path: str  # each letter chooses one of two next blocks, so equal beginnings are equal prefixes
    first: int | None  # ms to the first token
    latency: int | None
    ok: bool
    user: str | None
    prompt: str
    temperature: float
    tools: bool
    logged: Decimal | None
    error: str | None

    @property
    def input(self) -> int:
        return len(self.path) * BLOCK - 100

    @property
    def blocks(self) -> list[str]:
        return [self.path[: n + 1] for n in range(len(self.path))]

    @property
    def cost(self) -> Decimal:
        price = MODELS[self.model]
        return (self.input * price.fresh + 50 * price.output) / 1_000_000

    def is_ready(self, other: "Call") -> bool:
        """Whether the other call, later, finds what this one wrote."""
        wait = self.first if self.first is not None else self.latency or 0
        return self.at < other.at and self.at * 1000 + wait <= other.at * 1000


CALLS = st.builds(
    Call,
    model=st.sampled_from(list(MODELS)),
    at=st.sampled_from([0, 1, 2, 60, 299, 301, 900, 3_601, 4_000, 86_000, 86_403, 90_000]),
    path=st.text(alphabet="ab", min_size=1, max_size=9).map(lambda path: "a" * len(path) if len(path) > 5 else path),
    first=st.sampled_from([None, 500, 2_000]),
    latency=st.sampled_from([None, 1_000, 70_000]),
    ok=st.sampled_from([True, True, True, False]),
    user=st.sampled_from(["alice", "bob", None]),
    prompt=st.sampled_from(["p", "q"]),
    temperature=st.sampled_from([0.0, 0.0, 0.7]),
    tools=st.sampled_from([False, False, True]),
    logged=st.sampled_from([None, D(0), D("0.01")]),
    error=st.sampled_from(["429", "500", "499", "timeout"]),
)
LOGS = st.lists(CALLS, min_size=2, max_size=14)
EXAMPLES = settings(
    max_examples=settings().max_examples // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def build(calls: list[Call], folder: Path) -> Log:
    log = Requests()
    for call in calls:
        log.add(
            call.at,
            model=call.model,
            fresh_input=call.input,
            output=50,
            blocks=call.blocks,
            first_token_ms=None if call.first is None else float(call.first),
            latency_ms=None if call.latency is None else float(call.latency),
            ok=call.ok,
            error=None if call.ok else call.error,
            end_user=call.user,
            prompt_hash=call.prompt,
            temperature=call.temperature,
            has_tools=call.tools,
            logged_cost=call.logged,
        )
    return log.write(folder, block_tokens=BLOCK)


def check(calls: list[Call], question: Callable[[PricedLog], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = build(calls, Path(folder)).priced_log()
        try:
            question(log)
        finally:
            log.close()


def cacheable(tokens: int, model: Model) -> int:
    if tokens < model.minimum:
        return 0
    return model.minimum + (tokens - model.minimum) // model.step * model.step


def save_by_caching(calls: list[Call], ttl: int, *, writes_all: bool, marked: bool) -> Decimal:
    able = [call for call in calls if call.ok]
    saved = D(0)
    for call in able:
        price = MODELS[call.model]
        if price.marked is not marked:
            continue
        hit = seen = 0
        for depth in range(1, len(call.path) + 1):
            same = [one for one in able if one.model == call.model and one.path[:depth] == call.path[:depth]]
            start = min(one.at for one in same)
            writers = [one for one in same if one.is_ready(call) and call.at - one.at <= ttl]
            if any(writes_all or one.at > start for one in writers):
                hit = min(depth * BLOCK, call.input)
            if call.at > start:
                seen = min(depth * BLOCK, call.input)
        reads = cacheable(hit, price)
        writes = max(0, cacheable(call.input if writes_all else seen, price) - reads)
        extra = (price.write_1h if ttl == 3600 and marked else price.write) - price.fresh
        saved += (reads * (price.fresh - price.read) - writes * extra) / 1_000_000
    return saved


def list_response_hits(calls: list[Call], *, shared: bool, ttl: int) -> list[Call]:
    fit = [call for call in calls if call.temperature == 0 and not call.tools and (shared or call.user)]
    hits: list[Call] = []
    for key in {(call.model, call.prompt, None if shared else call.user) for call in fit}:
        group = [call for call in fit if (call.model, call.prompt, None if shared else call.user) == key]
        stored: Call | None = None
        ready = D(0)
        for call in sorted(group, key=lambda one: (one.at, one.latency or 0)):
            if stored is not None and call.at <= ready + ttl:
                if stored.at < call.at and ready <= call.at:
                    hits.append(call)
            elif call.ok:
                stored, ready = call, call.at + D(call.latency or 0) / 1000
    return hits


def list_needless(calls: list[Call]) -> list[Call]:
    found = []
    for call in calls:
        same = [
            one
            for one in calls
            if (one.model, one.prompt, one.user) == (call.model, call.prompt, call.user) and one.at < call.at
        ]
        failures = [one.at for one in same if not one.ok and one.error != "499"]
        answers = [one.at for one in same if one.ok]
        if call.ok and failures and answers and call.at - max(failures) <= 120 and max(answers) >= max(failures):
            found.append(call)
    return found


@EXAMPLES
@given(LOGS)
def test_the_prompt_cache_is_that_of_plain_python(calls: list[Call]) -> None:
    def compare(log: PricedLog) -> None:
        found = measure_savings(log)
        expected = [
            save_by_caching(calls, ttl, writes_all=writes_all, marked=True)
            for ttl in (300, 3600)
            for writes_all in (False, True)
        ]
        assert list(found.runnable) == expected
        automatic = save_by_caching(calls, 300, writes_all=True, marked=False)
        assert found.automatic == automatic
        assert prompt_cache.LEVER.estimate(log).saving == max([D(0), *expected]) + max([D(0), automatic])
        assert found.bound >= max(expected)

    check(calls, compare)


@EXAMPLES
@given(LOGS)
def test_the_response_cache_is_that_of_plain_python(calls: list[Call]) -> None:
    def compare(log: PricedLog) -> None:
        found = response_cache.LEVER.estimate(log)
        has_users = any(call.user for call in calls)
        own = sum((call.cost for call in list_response_hits(calls, shared=not has_users, ttl=DAY)), D(0))
        assert found.saving == own
        shared = sum((call.cost for call in list_response_hits(calls, shared=True, ttl=DAY)), D(0))
        assert [one.value for one in found.evidence if "shared" in one.label] == ([shared] if has_users else [])

    check(calls, compare)


@EXAMPLES
@given(LOGS)
def test_retries_are_those_of_plain_python(calls: list[Call]) -> None:
    def compare(log: PricedLog) -> None:
        found = retries.LEVER.estimate(log)
        assert found.saving == sum((call.cost for call in list_needless(calls)), D(0))
        billed = [c for c in calls if not c.ok and c.error != "499" and c.logged is not None and c.logged > 0]
        values = {str(one.label): one.value for one in found.evidence}
        assert values["failed calls that are billed, at most avoidable"] == sum((call.cost for call in billed), D(0))

    check(calls, compare)


def draw_log(number: int) -> list[Call]:
    """Sixty calls of one model within an hour, so that each lever has something to save."""
    chance = random.Random(number)
    return [
        Call(
            model="claude-sonnet-4-5",
            at=chance.randrange(3_000),
            path="aab"[: chance.randrange(1, 4)] + "ab"[chance.randrange(2)],
            first=chance.choice([None, 500]),
            latency=2_000,
            ok=chance.random() < 0.8,
            user=chance.choice(["alice", "bob"]),
            prompt=chance.choice("pqrstuvw"),
            temperature=chance.choice([0.0, 0.7]),
            tools=False,
            logged=None,
            error="500",
        )
        for _ in range(60)
    ]


@pytest.mark.parametrize("number", [0, 1, *(pytest.param(each, marks=pytest.mark.soak) for each in range(2, 6))])
def test_each_step_of_the_waterfall_replays_what_is_left(number: int, tmp_path: Path) -> None:
    """Without the needless retries and the repeats, the rest of the log is what the prompt cache saves on."""
    calls = draw_log(number)
    left = [call for call in calls if call not in list_needless(calls)]
    hits = list_response_hits(left, shared=False, ttl=DAY)
    last = [call for call in left if call not in hits]
    with build(calls, tmp_path).analysis() as analysis:
        found = analysis.combine(("retries", "response_cache", "prompt_cache"))
    steps = {step.lever: step.saving for step in found.waterfall}
    assert steps.get("retries", D(0)) == sum((call.cost for call in calls), D(0)) - sum((c.cost for c in left), D(0))
    assert steps.get("response_cache", D(0)) == sum((call.cost for call in hits), D(0))
    alone = [
        (save_by_caching(calls, ttl, writes_all=writes_all, marked=True), ttl, writes_all)
        for ttl in (300, 3600)
        for writes_all in (False, True)
    ]
    best, ttl, writes_all = max(alone, key=lambda one: one[0])
    assert best > 0
    assert steps["prompt_cache"] == save_by_caching(last, ttl, writes_all=writes_all, marked=True)
    assert found.spend - sum(steps.values()) == found.waterfall[-1].after
    assert 0 <= found.total <= found.spend == sum((call.cost for call in calls), D(0))


@pytest.mark.parametrize("number", [0, *(pytest.param(each, marks=pytest.mark.soak) for each in (1, 2))])
def test_the_order_of_rows_changes_nothing(number: int, tmp_path: Path) -> None:
    calls = draw_log(number)
    totals = []
    for place, rows in enumerate((calls, random.Random(number).sample(calls, len(calls)))):
        folder = tmp_path / str(place)
        folder.mkdir()
        with build(rows, folder).analysis() as analysis:
            found = analysis.combine(("retries", "response_cache", "prompt_cache"))
            totals.append([(step.lever, step.saving) for step in found.waterfall])
    assert totals[0] == totals[1]
