"""Every model of the price list, under every rule, against sums in plain Python: to the last digit."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from genai_prices import data_snapshot
from genai_prices.types import ModelInfo, Provider, TieredPrices
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.workloads.builder import Requests
from tests.workloads.pricing.oracle import OracleRow, cost_of
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.log_pricing import price_log
from workloads.pricing.price_list import ListedModel, PriceList
from workloads.pricing.pricing_sql import MAX_NAMES

pytestmark = pytest.mark.slow

PROVIDERS: tuple[Provider, ...] = tuple(data_snapshot.get_snapshot().providers)
MODELS = {f"{provider.id} {model.id}": (provider, model) for provider in PROVIDERS for model in provider.models}
TIERS = (None, "batch", "flex", "priority", "fast")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking a list of 1,900 models would take minutes
KINDS = ("audio_input", "image_input", "audio_read", "cache_write_1h", "audio_output", "image_output", "reasoning")


class ListByKey(PriceList):
    """Finds a model by its key in MODELS, so that the test does not depend on how names are read."""

    def find(self, model: str, provider: str | None = None) -> ListedModel | None:
        return MODELS.get(model)


def _prices(model: ModelInfo) -> Iterator[Any]:
    yield from (each.prices for each in model.prices) if isinstance(model.prices, list) else (model.prices,)
    yield from (variant.prices for variant in model.price_variants or ())


def _constraints(model: ModelInfo) -> Iterator[Any]:
    conditions = model.prices if isinstance(model.prices, list) else ()
    yield from (each.constraint for each in (*conditions, *(model.price_variants or ())) if each.constraint)


ALL = [model for _, model in MODELS.values()]
STARTS = sorted({c.start_date for model in ALL for c in _constraints(model) if hasattr(c, "start_date")})
EDGES = sorted(
    {edge for model in ALL for c in _constraints(model) if hasattr(c, "end_time") for edge in vars(c).values()}
)
CLIFFS = sorted(
    {
        tier.start
        for model in ALL
        for prices in _prices(model)
        for price in vars(prices).values()
        if isinstance(price, TieredPrices)
        for tier in price.tiers
    }
)

moments = st.one_of(
    st.builds(
        lambda day, seconds: datetime.combine(day, time()) + timedelta(seconds=seconds),
        st.sampled_from([date(2023, 5, 1), *STARTS]),
        st.sampled_from([-1, 0, 1]),
    ),
    st.builds(
        lambda day, edge, seconds: datetime.combine(day, edge.replace(tzinfo=None)) + timedelta(seconds=seconds),
        st.sampled_from(STARTS),
        st.sampled_from([*EDGES, time(12)]),
        st.sampled_from([-1, 0, 1]),
    ),
)
sizes = st.one_of(
    st.integers(0, 5_000_000),
    st.builds(lambda start, more: start + more, st.sampled_from([0, *CLIFFS]), st.sampled_from([0, 1])),
)


@st.composite
def rows(draw: st.DrawFn) -> OracleRow:
    size = draw(sizes)
    read = draw(st.integers(0, size))
    write = draw(st.integers(0, size - read))
    fresh, output = size - read - write, draw(st.integers(0, 300_000))
    whole = {
        "audio_input": fresh // 2,
        "image_input": fresh // 2,
        "audio_read": read,
        "cache_write_1h": write,
        "audio_output": output // 2,
        "image_output": output // 2,
        "reasoning": output + 10,
    }
    asked = draw(st.sets(st.sampled_from(KINDS)))
    return OracleRow(
        at=draw(moments),
        tier=draw(st.sampled_from(TIERS)),
        geography=draw(st.sampled_from([None, "us", "global"])),
        is_sum=draw(st.booleans()),
        fresh_input=fresh,
        cache_read=read,
        cache_write=write,
        output=output,
        searches=draw(st.integers(0, 50)),
        **{kind: draw(st.integers(0, most)) if kind in asked else 0 for kind, most in whole.items()},
    )


@dataclass(frozen=True)
class Log:
    con: duckdb.DuckDBPyConnection

    def fill(self, templates: Sequence[OracleRow], names: Sequence[str]) -> None:
        """One row for each template and name; `row` is the template's place, which is enough here."""
        self.con.execute("DELETE FROM log.requests")
        names_sql = ", ".join("(?)" for _ in names)
        for place, template in enumerate(templates):
            values = {
                **{name: value for name, value in asdict(template).items() if name not in ("tier",)},
                "service_tier": template.tier,
                "row": place,
                "requests": 1,
            }
            columns = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join("?" for _ in values)
            self.con.execute(
                f"INSERT INTO log.requests ({columns}, model) SELECT {marks}, name FROM (VALUES {names_sql}) n (name)",
                [*values.values(), *names],
            )

    def costs(self, **assumptions: Any) -> dict[tuple[str, int], Decimal | None]:
        self.con.execute("DROP VIEW IF EXISTS priced")
        for table in ("rates", "used_rates"):
            self.con.execute(f"DROP TABLE IF EXISTS {table}")
        price_log(
            self.con,
            assumptions=Assumptions(**assumptions),
            price_list=ListByKey(),
            today=date(2026, 11, 1),
            dated=True,
        )
        return {
            (model, row): cost
            for model, row, cost in self.con.execute("SELECT model, row, cost FROM priced").fetchall()
        }


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    folder = tmp_path_factory.mktemp("oracle")
    path = Requests().add(model="m").write(folder).path
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS log")
        yield Log(con)


def _chunks(names: Sequence[str], templates: Sequence[OracleRow]) -> Iterator[Sequence[str]]:
    """As many models at once as a log's price table looks up."""
    size = MAX_NAMES // len({(template.tier, template.geography) for template in templates})
    return (names[start : start + size] for start in range(0, len(names), size))


def _differences(log: Log, templates: Sequence[OracleRow], names: Sequence[str]) -> list[str]:
    log.fill(templates, names)
    costs = log.costs()
    return [
        f"{name}, {templates[row]}: {cost} instead of {right}"
        for (name, row), cost in costs.items()
        if cost != (right := cost_of(MODELS[name][0].id, MODELS[name][1], templates[row]))
    ]


@pytest.mark.long
@settings(max_examples=1, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(templates=st.lists(rows(), min_size=5, max_size=5))
def test_every_model_of_the_list_is_priced_to_the_last_digit(log: Log, templates: list[OracleRow]) -> None:
    for names in _chunks(list(MODELS), templates):
        assert _differences(log, templates, names) == []


PECULIAR = [
    name
    for name, (_, model) in MODELS.items()
    if model.price_variants
    or isinstance(model.prices, list)
    or any(
        isinstance(price, TieredPrices) or key not in ("input_mtok", "output_mtok", "cache_read_mtok")
        for prices in _prices(model)
        for key, price in vars(prices).items()
    )
]
"""The models with tiers, dates, hours, sizes, kinds or fees."""


@settings(
    max_examples=settings().max_examples // 5, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
)
@given(templates=st.lists(rows(), min_size=6, max_size=6), data=st.data())
def test_models_with_rules_are_priced_to_the_last_digit(
    log: Log, templates: list[OracleRow], data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.sampled_from(PECULIAR), min_size=1, max_size=40, unique=True))
    assert _differences(log, templates, names) == []


@settings(
    max_examples=settings().max_examples // 7, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
)
@given(row=rows(), names=st.lists(st.sampled_from(PECULIAR), min_size=1, max_size=10, unique=True))
def test_costs_do_not_depend_on_the_order_or_the_company_of_rows(log: Log, row: OracleRow, names: list[str]) -> None:
    """A row's price is its own: alone, among others and with its requests split in two sums."""
    others = [replace(row, at=row.at + timedelta(days=40)), replace(row, tier="batch")]
    log.fill([row, *others], names)
    among = log.costs()
    log.fill([row], names)
    alone = log.costs()
    assert alone == {key: cost for key, cost in among.items() if key[1] == 0}


def test_the_rules_occur_in_the_list() -> None:
    """Otherwise the tests above would prove nothing."""
    whens = {tuple(variant.when.items()) for model in ALL for variant in model.price_variants or ()}
    assert {(("processing", "batch"),), (("service_tier", "flex"),), (("speed", "fast"),)} <= whens
    keys = {
        key for model in ALL for prices in _prices(model) for key, price in vars(prices).items() if price is not None
    }
    assert {"input_audio_mtok", "output_image_mtok", "web_searches_kcount", "requests_kcount"} <= keys
    assert len(CLIFFS) > 3
    assert EDGES
    assert cost_of("x", MODELS["openrouter deepseek/deepseek-r1:free"][1], _example()) == 0


def _example() -> OracleRow:
    zero = dict.fromkeys(("fresh_input", "cache_read", "cache_write", "output", "searches", *KINDS), 1)
    return OracleRow(at=datetime(2026, 6, 1, tzinfo=UTC), tier=None, geography=None, is_sum=False, **zero)
