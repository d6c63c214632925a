import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis import priced_log as priced_logs
from workloads.pricing.price_file import PriceFile
from workloads.pricing.priced_view import KEYS, TERMS, WINDOWS, PricedShape, build_priced_sql

pytestmark = pytest.mark.slow

D, DAY = Decimal, 86_400

WHOLE = PricedShape(
    keys=tuple(KEYS),
    windows=tuple(WINDOWS),
    columns=tuple(sorted({column for terms in TERMS.values() for term in terms for column in term.columns})),
    conditions=tuple(term.condition for terms in TERMS.values() for term in terms),
    has_stated=True,
)
"""Of a log in which everything makes a difference."""

BY_ALL_RATES = build_priced_sql(WHOLE).replace(
    "used_rates p", f"(SELECT *, {', '.join(f'true AS covers_{window}' for window in WINDOWS)} FROM rates) p"
)

MODELS = (
    *(
        "gpt-4o",
        "gpt-realtime",
        "claude-sonnet-4-5",
        "o3",
        "deepseek-chat",
        "gemini-2.5-flash-image",
        "gemini-2.0-flash",
    ),
    *("gemini-2.0-flash", "gemini-2.5-pro", "perplexity/sonar", "perplexity/sonar-deep-research", "nobody-knows"),
)
PLACES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("provider", ("openai", "bedrock")),
    ("service_tier", ("batch", "priority")),
    ("geography", ("us", "global")),
    ("is_sum", (True,)),
    ("logged_cost", (D("0.25"), D(0))),
)
KINDS = (
    *("cache_read", "cache_write", "cache_write_1h", "audio_input", "image_input", "audio_read"),
    *("audio_output", "image_output", "reasoning", "searches"),
)


def build_some_requests(seed: int) -> Requests:
    """Return a few requests of a few models, with the few things that such a log has."""
    chosen = random.Random(seed)
    models = (MODELS[seed % len(MODELS)], chosen.choice(MODELS))
    kinds = (KINDS[seed % len(KINDS)], *chosen.sample(KINDS, chosen.choice((0, 3))))
    places = chosen.sample(PLACES, chosen.choice((0, 0, 1, 2)))
    log = Requests()
    for n in range(chosen.randint(1, 6)):
        values = {name: chosen.choice((None, *some)) for name, some in places if name != "is_sum"}
        log.add(
            n,
            model=chosen.choice(models),
            fresh_input=10,
            output=7,
            is_sum=any(name == "is_sum" for name, _ in places) and chosen.random() < 0.5,
            **values,
            **{kind: chosen.choice((0, 3)) for kind in kinds},
        )
    return log


KINDS_WITH_PRICES: tuple[tuple[str, dict[str, int]], ...] = (
    ("gpt-realtime", {"audio_input": 3, "image_input": 3, "audio_output": 3}),
    ("gemini-2.5-flash-image", {"image_output": 3}),
    ("gemini-2.0-flash", {"cache_read": 5, "audio_read": 3}),
    ("perplexity/sonar-deep-research", {"reasoning": 3, "searches": 3}),
    ("perplexity/sonar", {}),
    ("claude-sonnet-4-5", {"cache_write": 5, "cache_write_1h": 3}),
)


def build_each_case() -> Iterator[Requests]:
    """Yield logs in which only one thing makes a difference, or a few that belong together, and then any others."""
    for model, kinds in KINDS_WITH_PRICES:
        yield Requests(always={"model": model, "fresh_input": 10, "output": 7, **kinds}).add().add(is_sum=True)
    for others in ((), ("gpt-4o", "gemini-2.5-flash-image")):
        log = Requests(always={"fresh_input": 10}).add(model="o3").add(-400 * DAY, model="o3")
        for model in others:
            log.add(model=model)
        yield log
    yield Requests(always={"model": "deepseek-chat", "fresh_input": 10}).add(-400 * DAY).add(-400 * DAY + 7 * 3600)
    yield Requests(always={"model": "gemini-2.5-pro"}).add(fresh_input=10).add(fresh_input=300_000)
    for name, values in PLACES:
        yield Requests(always={"model": "gpt-4o", "fresh_input": 10}).add().add(**{name: values[0]})
    for seed in range(30):
        yield build_some_requests(seed)


def test_what_is_left_out_makes_no_difference_to_a_log(tmp_path: Path) -> None:
    shapes = set()
    for n, log in enumerate(build_each_case()):
        folder = tmp_path / str(n)
        folder.mkdir()
        priced_log = log.write(folder).priced_log()
        shapes.add(priced_log.shape)
        columns = "* EXCLUDE (is_stated)"  # read for the costs alone
        left = priced_log.fetch_all(f"SELECT {columns} FROM priced ORDER BY row")
        assert left == priced_log.fetch_all(f"SELECT {columns} FROM ({BY_ALL_RATES}) ORDER BY row"), n
        priced_log.close()
    mattered = {each for s in shapes for each in (*s.keys, *s.windows, *s.columns, *s.conditions)}
    assert mattered >= {*KEYS, *WINDOWS, *WHOLE.columns, *WHOLE.conditions}
    assert {shape.has_stated for shape in shapes} == {True, False}
    assert any(not (shape.windows or shape.columns) for shape in shapes)


def test_the_name_of_a_model_without_a_price_has_none_although_its_like_of_no_provider_has(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 1_000_000, "model": "gpt-4o"}).add().add(provider="acme-internal")
    priced_log = log.write(tmp_path).priced_log()
    found: dict[str | None, Decimal | None] = dict(priced_log.fetch_all("SELECT provider, cost FROM priced"))
    priced = {model.provider for model in priced_log.prices.models}
    assert {provider for provider, cost in found.items() if cost is not None} == priced


def test_a_rate_that_no_request_had_is_not_joined(tmp_path: Path) -> None:
    """Else each request would be there once for each rate of its model."""
    log = Requests(always={"model": "claude-sonnet-4-5", "fresh_input": 1_000}).add().add(1).write(tmp_path)
    priced_log = log.priced_log()
    assert priced_log.fetch_all("SELECT count(*) > 1 FROM rates") == [(True,)]
    assert priced_log.shape.windows == ()
    assert priced_log.fetch_all("SELECT count(*) FROM priced") == [(2,)]


def test_days_without_a_price_are_told_although_no_rate_applies_to_any_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(priced_logs, "MAX_STORED_ROWS", 0)
    prices = {"from": "2027-01-01", "prices": {"fresh_input": 1, "output": 1}}
    file = PriceFile.model_validate({"date": "2026-05-01", "models": [{"model": "house", **prices}]})
    log = Requests(always={"model": "house", "fresh_input": 10}).add().write(tmp_path)
    (unpriced,) = log.priced_log(price_file=file).prices.unpriced
    assert (unpriced.model, unpriced.requests) == ("house", 1)
