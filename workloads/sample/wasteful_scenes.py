"""The scenes with waste, each of a kind that no other scene has, so that each amount is exact."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from workloads.sample.requests import MILLION, MODELS, Prompt, SampleRequest, continue_prompt, create_prompt
from workloads.sample.scene import DAY_MS, PlantedWaste, SceneResult, SceneSettings, build_request

TTL_MS = 300_000  # for which a provider caches a prefix
HANDBOOK_TOKENS = 6_144  # 48 blocks


def generate_handbook(settings: SceneSettings) -> SceneResult:
    """Questions about one long document at the start of every prompt, which is not marked for caching."""
    random = settings.random
    document = create_prompt(settings.seed, "handbook", HANDBOOK_TOKENS)
    times = random.draw_moments(settings.requests, settings.days)
    calls = tuple(
        build_request(
            random,
            continue_prompt(document, f"question {number}", random.draw_integer(60, 700)),
            at=at,
            feature="handbook-questions",
            model="claude-sonnet-4-5",
            output=random.draw_integer(80, 420),
            user=random.draw_user(60),
            streamed=True,
            temperature=0.3,
        )
        for number, at in enumerate(times)
    )
    cached = (
        (
            HANDBOOK_TOKENS if is_within_ttl(times, place - 1, place) else 0,
            HANDBOOK_TOKENS if is_within_ttl(times, place, place + 1) else 0,
        )
        for place in range(len(times))
    )
    return SceneResult(
        calls=calls, planted_waste=(compute_cache_waste("handbook-questions", "claude-sonnet-4-5", cached),)
    )


def generate_support(settings: SceneSettings) -> SceneResult:
    """Conversations that resend all earlier turns with every turn, uncached."""
    calls: list[SampleRequest] = []
    cached: list[tuple[int, int]] = []
    for number, start in enumerate(settings.random.draw_moments(max(1, settings.requests // 6), settings.days)):
        turns = _draw_conversation(settings, f"support-{number:05d}", start)
        times = [at for at, _ in turns]
        calls += _build_turns(settings, f"support-{number:05d}", turns)
        for place, (_, prompt) in enumerate(turns):
            hit = turns[place - 1][1].full_tokens if is_within_ttl(times, place - 1, place) else 0
            cached.append((hit, prompt.full_tokens if is_within_ttl(times, place, place + 1) else 0))
    return SceneResult(
        calls=tuple(calls), planted_waste=(compute_cache_waste("support-chat", "claude-sonnet-4-5", cached),)
    )


def generate_faq(settings: SceneSettings) -> SceneResult:
    """The same questions again and again, at temperature 0; the provider itself caches prompts for 5 minutes."""
    random = settings.random
    questions = [
        create_prompt(settings.seed, f"faq {number}", random.draw_integer(2_100, 3_000))
        for number in range(max(3, settings.requests // 5))
    ]
    seen: dict[str, int] = {}
    calls: list[SampleRequest] = []
    repeated: list[SampleRequest] = []
    for at in random.draw_moments(settings.requests, settings.days):
        last = len(questions) - 1
        question = questions[
            min(random.draw_integer(0, last), random.draw_integer(0, last), random.draw_integer(0, last))
        ]
        before = seen.get(question.hash)
        calls.append(_build_answer(settings, question, at, cached=before is not None and at - before <= TTL_MS))
        if before is not None and at - before <= DAY_MS:
            repeated.append(calls[-1])
        seen[question.hash] = at
    planted = compute_cost_waste("response_cache", "faq-answers", repeated)
    return SceneResult(calls=tuple(calls), planted_waste=(planted,))


def generate_nightly(settings: SceneSettings) -> SceneResult:
    """Summaries that are generated every night, one by one, at the full price."""
    random = settings.random
    calls = tuple(
        build_request(
            random,
            create_prompt(settings.seed, f"report {number}", random.draw_integer(3_000, 7_000)),
            at=at,
            feature="nightly-summaries",
            model="gpt-4o",
            output=random.draw_integer(250, 600),
            user=None,
            streamed=False,
            temperature=0.2,
        )
        for number, at in enumerate(random.draw_night_moments(settings.requests, settings.days))
    )
    whole = compute_cost_waste("batch", "nightly-summaries", calls)
    return SceneResult(calls=calls, planted_waste=(replace(whole, saving=whole.saving / 2),))


def generate_triage(settings: SceneSettings) -> SceneResult:
    """One word for each ticket, from a large model although a smaller one might do."""
    random = settings.random
    calls = tuple(
        build_request(
            random,
            create_prompt(settings.seed, f"ticket {number}", random.draw_integer(180, 900)),
            at=at,
            feature="ticket-triage",
            model="gpt-4o",
            output=random.draw_integer(2, 8),
            user=None,
            streamed=False,
            temperature=0.0,
        )
        for number, at in enumerate(random.draw_moments(settings.requests, settings.days))
    )
    smaller = [replace(request, model="gpt-4o-mini") for request in calls]
    whole = compute_cost_waste("right_size", "ticket-triage", calls)
    saving = whole.saving - sum((request.cost for request in smaller), Decimal(0))
    return SceneResult(calls=calls, planted_waste=(replace(whole, saving=saving),))


def generate_invoices(settings: SceneSettings) -> SceneResult:
    """Calls that time out after they were billed, their retries, and retries of requests that were answered by then."""
    random = settings.random
    calls: list[SampleRequest] = []
    wasted: list[SampleRequest] = []
    for number, at in enumerate(random.draw_moments(settings.requests * 9 // 10, settings.days)):
        first = _build_extraction(settings, number, at)
        if random.draw_event(6):
            timed_out = replace(first, status=504, error="timeout", output=first.output // 3, latency=30_000)
            retry = repeat_request(first, at + 30_000 + random.draw_integer(1_000, 9_000))
            needless = (
                [repeat_request(first, retry.at + random.draw_integer(2_000, 25_000))] if random.draw_event(40) else []
            )
            calls += [timed_out, retry, *needless]
            wasted += [timed_out, *needless]
        elif random.draw_event(4):
            refused = replace(first, status=429, error="rate_limited", input=0, output=0, blocks=(), latency=90)
            calls += [refused, replace(first, at=at + random.draw_integer(1_000, 5_000))]
        else:
            calls.append(first)
    return SceneResult(calls=tuple(calls), planted_waste=(compute_cost_waste("retries", "invoice-extraction", wasted),))


def is_within_ttl(times: Sequence[int], one: int, other: int) -> bool:
    """Whether both indices are in the list and their times within the provider's TTL."""
    return one >= 0 and other < len(times) and times[other] - times[one] <= TTL_MS


def compute_cache_waste(feature: str, model: str, prefixes: Iterable[tuple[int, int]]) -> PlantedWaste:
    """Return the saving of caching. `prefixes` are, for each request, the tokens of its prefix that occurred shortly
    before and of its prefix that recurs shortly after.

    The former would be read; the uncached part of the latter would be written, at the price of writes.
    """
    pairs = list(prefixes)
    reads = sum(before for before, _ in pairs)
    writes = sum(max(0, after - before) for before, after in pairs)
    price = MODELS[model]
    saving = (reads * (price.fresh - price.read) - writes * (price.write - price.fresh)) / MILLION
    counts = {"requests": len(pairs), "tokens_read": reads, "tokens_written": writes}
    return PlantedWaste(lever="prompt_cache", feature=feature, saving=saving, counts=MappingProxyType(counts))


def compute_cost_waste(lever: str, feature: str, calls: Sequence[SampleRequest]) -> PlantedWaste:
    """Return the total cost of these requests as waste."""
    counts = MappingProxyType({"requests": len(calls), "tokens": sum(call.input + call.output for call in calls)})
    return PlantedWaste(
        lever=lever, feature=feature, saving=sum((call.cost for call in calls), Decimal(0)), counts=counts
    )


def repeat_request(first: SampleRequest, at: int) -> SampleRequest:
    """Return the same request once more, with its full blocks in the provider's cache."""
    return replace(first, at=at, read=first.input // 128 * 128)


def _draw_conversation(settings: SceneSettings, name: str, start: int) -> list[tuple[int, Prompt]]:
    random = settings.random
    prompt = create_prompt(settings.seed, name, random.draw_integer(2_300, 3_600))
    turns = [(start, prompt)]
    for turn in range(random.draw_integer(2, 8)):
        pause = random.draw_integer(320_000, 900_000) if random.draw_event(12) else random.draw_integer(15_000, 200_000)
        prompt = continue_prompt(prompt, f"{name} {turn}", random.draw_integer(150, 800))
        turns.append((turns[-1][0] + pause, prompt))
    return turns


def _build_turns(settings: SceneSettings, name: str, turns: Sequence[tuple[int, Prompt]]) -> Iterator[SampleRequest]:
    random = settings.random
    user = random.draw_user(200)
    for at, prompt in turns:
        yield build_request(
            random,
            prompt,
            at=at,
            feature="support-chat",
            model="claude-sonnet-4-5",
            output=random.draw_integer(60, 350),
            user=user,
            streamed=True,
            session=name,
        )


def _build_answer(settings: SceneSettings, question: Prompt, at: int, *, cached: bool) -> SampleRequest:
    random = settings.random
    return build_request(
        random,
        question,
        at=at,
        feature="faq-answers",
        model="gpt-4o",
        output=random.draw_integer(60, 220),
        user=random.draw_user(300),
        streamed=True,
        temperature=0.0,
        read=question.full_tokens if cached else 0,
    )


def _build_extraction(settings: SceneSettings, number: int, at: int) -> SampleRequest:
    random = settings.random
    return build_request(
        random,
        create_prompt(settings.seed, f"invoice {number}", random.draw_integer(2_100, 4_000)),
        at=at,
        feature="invoice-extraction",
        model="gpt-4o",
        output=random.draw_integer(120, 400),
        user=random.draw_user(20),
        streamed=False,
        temperature=0.2,
        tools=True,
    )
