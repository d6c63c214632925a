"""The scenes with waste, each of a kind that no other scene has, so that each amount is exact."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from workloads.sample.requests import MILLION, MODELS, Prompt, SampleRequest, continue_prompt, create_prompt
from workloads.sample.scene import DAY_MS, PlantedWaste, SceneResult, SceneSettings, build_request

TTL_MS = 300_000  # for which a provider that caches by itself keeps a prefix
LONG_TTL_MS = 3_600_000  # for which a prefix can be marked for caching
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
    reads = [HANDBOOK_TOKENS if can_read(calls, place) else 0 for place in range(len(calls))]
    return SceneResult(calls=calls, planted_waste=(compute_cache_waste(calls, reads),))


def generate_support(settings: SceneSettings) -> SceneResult:
    """Conversations that resend all earlier turns with every turn, uncached."""
    calls: list[SampleRequest] = []
    reads: list[int] = []
    for number, start in enumerate(settings.random.draw_moments(max(1, settings.requests // 6), settings.days)):
        turns = _draw_conversation(settings, f"support-{number:05d}", start)
        answers = tuple(_build_turns(settings, f"support-{number:05d}", turns))
        calls += answers
        reads += [turns[place - 1][1].full_tokens if can_read(answers, place) else 0 for place in range(len(answers))]
    return SceneResult(calls=tuple(calls), planted_waste=(compute_cache_waste(calls, reads),))


def generate_faq(settings: SceneSettings) -> SceneResult:
    """The same questions from three counters again and again, at temperature 0; the provider caches prompts itself."""
    random = settings.random
    questions = [
        create_prompt(settings.seed, f"faq {number}", random.draw_integer(2_100, 3_000))
        for number in range(max(3, settings.requests // 5))
    ]
    seen: dict[str, int] = {}
    stored: dict[tuple[str | None, str], int] = {}  # when the answer to a user's question was stored
    calls: list[SampleRequest] = []
    repeated: list[SampleRequest] = []
    for at in random.draw_moments(settings.requests, settings.days):
        last = len(questions) - 1
        question = questions[
            min(random.draw_integer(0, last), random.draw_integer(0, last), random.draw_integer(0, last))
        ]
        before = seen.get(question.hash)
        calls.append(_build_answer(settings, question, at, cached=before is not None and at - before <= TTL_MS))
        seen[question.hash] = at
        key = (calls[-1].user, question.hash)
        if stored.get(key, at + 1) <= at <= stored.get(key, at) + DAY_MS:
            repeated.append(calls[-1])
        elif at > stored.get(key, at - 2 * DAY_MS) + DAY_MS:
            stored[key] = at + calls[-1].latency
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
    """Calls that time out, their retries, and unnecessary retries of requests that were answered by then."""
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
            wasted += needless
        elif random.draw_event(4):
            refused = replace(first, status=429, error="rate_limited", input=0, output=0, blocks=(), latency=90)
            calls += [refused, replace(first, at=at + random.draw_integer(1_000, 5_000))]
        else:
            calls.append(first)
    return SceneResult(calls=tuple(calls), planted_waste=(compute_cost_waste("retries", "invoice-extraction", wasted),))


def can_read(calls: Sequence[SampleRequest], place: int) -> bool:
    """Whether the call at this place can read what one of those before it wrote for an hour: it has begun to answer."""
    at = calls[place].at
    recent = (call for call in calls[:place] if call.at < at <= call.at + LONG_TTL_MS)
    return any(call.at + (call.first_token or call.latency) <= at for call in recent)


def compute_cache_waste(calls: Sequence[SampleRequest], reads: Sequence[int]) -> PlantedWaste:
    """Return the saving if every prompt of one feature were written to the cache for an hour. `reads` are, for each
    call, the tokens that would be read; the rest of its prompt would be written."""
    writes = sum(call.input for call in calls) - sum(reads)
    price = MODELS[calls[0].model]
    saving = (sum(reads) * (price.fresh - price.read) - writes * (price.write_1h - price.fresh)) / MILLION
    counts = {"requests": len(calls), "tokens_read": sum(reads), "tokens_written": writes}
    return PlantedWaste(lever="prompt_cache", feature=calls[0].feature, saving=saving, counts=MappingProxyType(counts))


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
        user=random.draw_user(3),
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
