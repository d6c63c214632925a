"""The scenes in which money is wasted, each in one way that no other scene shares, so that each amount is exact."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from workloads.sample.call import Call
from workloads.sample.prices import MILLION, MODELS
from workloads.sample.prompt import Prompt, continued, written
from workloads.sample.scene import Planted, Played, Setting, call

TTL = 300_000  # ms that a provider keeps a prefix
DAY = 86_400_000
HANDBOOK = 6_144  # tokens, 48 blocks


def handbook(setting: Setting) -> Played:
    """Questions on one long document at the start of every prompt, which nobody marked for caching."""
    dice = setting.dice
    document = written(setting.seed, "handbook", HANDBOOK)
    times = dice.moments(setting.requests, setting.days)
    calls = tuple(
        call(
            dice,
            continued(document, f"question {number}", dice.between(60, 700)),
            at=at,
            feature="handbook-questions",
            model="claude-sonnet-4-5",
            output=dice.between(80, 420),
            user=dice.user(60),
            streamed=True,
            temperature=0.3,
        )
        for number, at in enumerate(times)
    )
    cached = (
        (HANDBOOK if near(times, place - 1, place) else 0, HANDBOOK if near(times, place, place + 1) else 0)
        for place in range(len(times))
    )
    return Played(calls=calls, planted=(uncached("handbook-questions", "claude-sonnet-4-5", cached),))


def support(setting: Setting) -> Played:
    """Conversations that send all that was said before with every turn, uncached."""
    calls: list[Call] = []
    cached: list[tuple[int, int]] = []
    for number, start in enumerate(setting.dice.moments(max(1, setting.requests // 6), setting.days)):
        turns = _talk(setting, f"support-{number:05d}", start)
        times = [at for at, _ in turns]
        calls += _said(setting, f"support-{number:05d}", turns)
        for place, (_, prompt) in enumerate(turns):
            hit = turns[place - 1][1].full if near(times, place - 1, place) else 0
            cached.append((hit, prompt.full if near(times, place, place + 1) else 0))
    return Played(calls=tuple(calls), planted=(uncached("support-chat", "claude-sonnet-4-5", cached),))


def faq(setting: Setting) -> Played:
    """The same questions again and again, at temperature 0; the provider caches what it saw 5 minutes ago by itself."""
    dice = setting.dice
    questions = [
        written(setting.seed, f"faq {number}", dice.between(2_100, 3_000))
        for number in range(max(3, setting.requests // 5))
    ]
    seen: dict[str, int] = {}
    calls: list[Call] = []
    repeated: list[Call] = []
    for at in dice.moments(setting.requests, setting.days):
        last = len(questions) - 1
        question = questions[min(dice.between(0, last), dice.between(0, last), dice.between(0, last))]
        before = seen.get(question.hash)
        calls.append(_answer(setting, question, at, cached=before is not None and at - before <= TTL))
        if before is not None and at - before <= DAY:
            repeated.append(calls[-1])
        seen[question.hash] = at
    planted = worth("response_cache", "faq-answers", repeated)
    return Played(calls=tuple(calls), planted=(planted,))


def nightly(setting: Setting) -> Played:
    """Summaries made every night, one by one, at the full price."""
    dice = setting.dice
    calls = tuple(
        call(
            dice,
            written(setting.seed, f"report {number}", dice.between(3_000, 7_000)),
            at=at,
            feature="nightly-summaries",
            model="gpt-4o",
            output=dice.between(250, 600),
            user=None,
            streamed=False,
            temperature=0.2,
        )
        for number, at in enumerate(dice.nights(setting.requests, setting.days))
    )
    whole = worth("batch", "nightly-summaries", calls)
    return Played(calls=calls, planted=(replace(whole, saving=whole.saving / 2),))


def triage(setting: Setting) -> Played:
    """One word to each ticket, from a large model where its small sibling might do."""
    dice = setting.dice
    calls = tuple(
        call(
            dice,
            written(setting.seed, f"ticket {number}", dice.between(180, 900)),
            at=at,
            feature="ticket-triage",
            model="gpt-4o",
            output=dice.between(2, 8),
            user=None,
            streamed=False,
            temperature=0.0,
        )
        for number, at in enumerate(dice.moments(setting.requests, setting.days))
    )
    smaller = [replace(one, model="gpt-4o-mini") for one in calls]
    whole = worth("right_size", "ticket-triage", calls)
    saving = whole.saving - sum((one.cost for one in smaller), Decimal(0))
    return Played(calls=calls, planted=(replace(whole, saving=saving),))


def invoices(setting: Setting) -> Played:
    """Calls that time out after they were billed, their retries, and retries of what had been answered by then."""
    dice = setting.dice
    calls: list[Call] = []
    wasted: list[Call] = []
    for number, at in enumerate(dice.moments(setting.requests * 9 // 10, setting.days)):
        first = _extraction(setting, number, at)
        if dice.happens(6):
            timed_out = replace(first, status=504, error="timeout", output=first.output // 3, latency=30_000)
            retry = again(first, at + 30_000 + dice.between(1_000, 9_000))
            needless = [again(first, retry.at + dice.between(2_000, 25_000))] if dice.happens(40) else []
            calls += [timed_out, retry, *needless]
            wasted += [timed_out, *needless]
        elif dice.happens(4):
            refused = replace(first, status=429, error="rate_limited", input=0, output=0, blocks=(), latency=90)
            calls += [refused, replace(first, at=at + dice.between(1_000, 5_000))]
        else:
            calls.append(first)
    return Played(calls=tuple(calls), planted=(worth("retries", "invoice-extraction", wasted),))


def near(times: Sequence[int], one: int, other: int) -> bool:
    """Whether both places are in the list and their times within the provider's time to live."""
    return one >= 0 and other < len(times) and times[other] - times[one] <= TTL


def uncached(feature: str, model: str, prefixes: Iterable[tuple[int, int]]) -> Planted:
    """What caching would have saved, from each request's prefix seen shortly before and prefix seen shortly after.

    The former would be read; what of the latter is not cached by then would be written, at the price of writes.
    """
    pairs = list(prefixes)
    reads = sum(before for before, _ in pairs)
    writes = sum(max(0, after - before) for before, after in pairs)
    price = MODELS[model]
    saving = (reads * (price.fresh - price.read) - writes * (price.write - price.fresh)) / MILLION
    counts = {"requests": len(pairs), "tokens_read": reads, "tokens_written": writes}
    return Planted(lever="prompt_cache", feature=feature, saving=saving, counts=MappingProxyType(counts))


def worth(lever: str, feature: str, calls: Sequence[Call]) -> Planted:
    """What these requests cost in all."""
    counts = MappingProxyType({"requests": len(calls), "tokens": sum(one.input + one.output for one in calls)})
    return Planted(lever=lever, feature=feature, saving=sum((one.cost for one in calls), Decimal(0)), counts=counts)


def again(first: Call, at: int) -> Call:
    """The same request once more; the provider has its full blocks in its cache by then."""
    return replace(first, at=at, read=first.input // 128 * 128)


def _talk(setting: Setting, name: str, start: int) -> list[tuple[int, Prompt]]:
    dice = setting.dice
    prompt = written(setting.seed, name, dice.between(2_300, 3_600))
    turns = [(start, prompt)]
    for turn in range(dice.between(2, 8)):
        pause = dice.between(320_000, 900_000) if dice.happens(12) else dice.between(15_000, 200_000)
        prompt = continued(prompt, f"{name} {turn}", dice.between(150, 800))
        turns.append((turns[-1][0] + pause, prompt))
    return turns


def _said(setting: Setting, name: str, turns: Sequence[tuple[int, Prompt]]) -> Iterator[Call]:
    dice = setting.dice
    user = dice.user(200)
    for at, prompt in turns:
        yield call(
            dice,
            prompt,
            at=at,
            feature="support-chat",
            model="claude-sonnet-4-5",
            output=dice.between(60, 350),
            user=user,
            streamed=True,
            session=name,
        )


def _answer(setting: Setting, question: Prompt, at: int, *, cached: bool) -> Call:
    dice = setting.dice
    return call(
        dice,
        question,
        at=at,
        feature="faq-answers",
        model="gpt-4o",
        output=dice.between(60, 220),
        user=dice.user(300),
        streamed=True,
        temperature=0.0,
        read=question.full if cached else 0,
    )


def _extraction(setting: Setting, number: int, at: int) -> Call:
    dice = setting.dice
    return call(
        dice,
        written(setting.seed, f"invoice {number}", dice.between(2_100, 4_000)),
        at=at,
        feature="invoice-extraction",
        model="gpt-4o",
        output=dice.between(120, 400),
        user=dice.user(20),
        streamed=False,
        temperature=0.2,
        tools=True,
    )
