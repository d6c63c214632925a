"""An operator's price file: what it may say, what a wrong one is told, and the cost of requests at its prices."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis.cache import AnswerCache
from workloads.analysis.calculator import open_analysis_in_child
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.assumptions import NO_ASSUMPTIONS
from workloads.pricing.file_models import PRICE_KEYS
from workloads.pricing.own_prices import TOKEN_KINDS, OwnPrice
from workloads.pricing.price_file import (
    MAX_FILE_BYTES,
    BrokenPriceFile,
    PartialPrices,
    PriceFile,
    load_price_file,
    parse_price_text,
    read_price_file,
)
from workloads.pricing.prices import PriceFileInfo, PriceHistory

D = Decimal
DAY = 86_400

TOML = """
date = 2026-05-01
title = "Contract"

[[models]]
provider = "azure"
model = "gpt-4o"
names = ["prod-chat"]
prices = { fresh_input = 2.0, cache_read = 0.5, output = 8.000001 }
tiers = { batch = { fresh_input = 0.7, output = 3.0 } }

[[models]]
model = "house-model"
context_window = 32000
until = 2026-06-01
prices = { fresh_input = 1, output = 4, search = 5 }
long_prompts = [{ above = 1000, fresh_input = 3 }]

[[models]]
model = "house-model"
from = 2026-06-02
prices = { fresh_input = 2, output = 5 }
"""


def read(tmp_path: Path, content: str, name: str = "prices.toml") -> PriceFile:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return read_price_file(path)


def build(*models: dict[str, Any]) -> PriceFile:
    return PriceFile.model_validate({"date": "2026-05-01", "models": models})


def costs(log: PricedLog) -> list[Decimal | None]:
    return [cost for (cost,) in log.fetch_all("SELECT cost FROM priced ORDER BY row")]


def million(**tokens: int) -> dict[str, int]:
    return {name: count * 1_000_000 for name, count in tokens.items()}


def test_toml_and_json_say_the_same_and_prices_are_exact(tmp_path: Path) -> None:
    file = read(tmp_path, TOML)
    assert file.models[0].prices.output == D("8.000001")
    assert read(tmp_path, file.to_text(), "prices.json") == file == parse_price_text(file.to_text())
    written = json.dumps(
        {"date": "2026-05-01", "models": [{"model": "m", "prices": {"fresh_input": 0.1, "output": 1}}]}
    )
    assert read(tmp_path, written, "prices.JSON").models[0].prices.fresh_input == D("0.1")


def test_every_kind_that_a_user_may_price_is_in_the_schema() -> None:
    assert tuple(PartialPrices.model_fields) == TOKEN_KINDS == tuple(PRICE_KEYS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("date = 2026-05-01", "models is missing"),
        ("date = 2026-05-01\nmodels = []", "models"),
        ('models = [{model = "m", prices = {fresh_input = 1, output = 1}}]', "date is missing"),
        ('date = "soon"\nmodels = [{model = "m", prices = {fresh_input = 1, output = 1}}]', "date is not a date"),
        (
            'date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = 1}}]',
            "models[1].prices.output is missing",
        ),
        (
            'date = 2026-05-01\nmodels = [{model = "m", price = {}, prices = {fresh_input = 1, output = 1}}]',
            "models[1].price is not a field of a price file",
        ),
        ('date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = -1, output = 1}}]', "too small"),
        ('date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = "a", output = 1}}]', "is not a number"),
        ('date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = inf, output = 1}}]', "fresh_input"),
        ('date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = nan, output = 1}}]', "fresh_input"),
        ('date = 2026-05-01\nmodels = [{model = "m", prices = {fresh_input = 2e6, output = 1}}]', "too large"),
        (
            'date = 2026-05-01\n[[models]]\nmodel = "m"\nprices = {fresh_input = 1, output = 1}\ntiers = {cheap = {}}',
            "models[1].tiers.cheap is not a service tier",
        ),
        (
            'date = 2026-05-01\n[[models]]\nmodel = "m"\nfrom = 2026-02-01\nuntil = 2026-01-01\n'
            "prices = {fresh_input = 1, output = 1}",
            "models[1] `until` is before `from`",
        ),
        (
            'date = 2026-05-01\n[[models]]\nmodel = "m"\nprices = {fresh_input = 1, output = 1}\n'
            '[[models]]\nmodel = "M"\nprices = {fresh_input = 1, output = 1}',
            "two prices of 'm' hold on the same day",
        ),
        (
            'date = 2026-05-01\n[[models]]\nmodel = "m"\nprices = {fresh_input = 1, output = 1}\n'
            '[[models]]\nmodel = "n"\nnames = ["m"]\nprices = {fresh_input = 1, output = 1}',
            "'m' is a name of two models",
        ),
        (
            'date = 2026-05-01\n[[models]]\nmodel = "m"\nprices = {fresh_input = 1, output = 1}\n'
            "long_prompts = [{above = 10, cache_read = 1}]",
            "`long_prompts` has a price of cache_read, but `prices` has none",
        ),
        ("date = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(BrokenPriceFile) as raised:
        read(tmp_path, content)
    assert says in str(raised.value)
    assert "prices.toml" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("prices.json", b"{", "not valid JSON"),
        ("prices.json", b"[" * 100_000, "not valid JSON"),
        ("prices.json", b"\xff", "not UTF-8"),
        ("prices.yaml", b"", "must end in .json or .toml"),
        ("prices.toml", b"#" * (MAX_FILE_BYTES + 1), "larger than"),
    ],
)
def test_no_price_file_is_said(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BrokenPriceFile, match=says):
        read_price_file(tmp_path / name)


def test_a_user_reads_that_nothing_was_priced_and_no_detail(tmp_path: Path) -> None:
    assert load_price_file(None) is None
    with pytest.raises(BrokenPriceFile, match="cannot be read"):
        read_price_file(tmp_path / "gone.toml")
    with pytest.raises(BadInput) as raised:
        load_price_file(tmp_path / "gone.toml")
    assert "gone" not in str(raised.value)


@pytest.mark.slow
def test_the_cost_at_its_prices_equals_that_by_hand(tmp_path: Path) -> None:
    log = Requests()
    log.add(model="gpt-4o", provider="azure", **million(fresh_input=1, cache_read=2, output=3))
    log.add(model="prod-chat", provider="azure", **million(fresh_input=1))
    log.add(model="azure/gpt-4o-2024-08-06", **million(output=1))
    log.add(model="gpt-4o", provider="azure", service_tier="batch", **million(fresh_input=1, cache_read=1, output=1))
    log.add(model="gpt-4o", provider="openai", **million(fresh_input=1))  # the list's price
    log.add(model="house-model", fresh_input=1000, output=1000, searches=2)
    log.add(model="house-model", fresh_input=1001, output=1000)
    log.add(DAY, model="house-model", fresh_input=1001, output=1000)
    priced = log.write(tmp_path).priced_log(price_file=read(tmp_path, TOML))
    assert costs(priced) == [
        2 + 2 * D("0.5") + 3 * D("8.000001"),
        D(2),
        D("8.000001"),
        D("0.7") + D("0.5") + 3,  # gpt-4o's cached input costs the same in a batch
        D("2.5"),
        (D(1000) + 4 * 1000) / 1_000_000 + 2 * D(5) / 1000,
        (3 * D(1001) + 4 * 1000) / 1_000_000,
        (2 * D(1001) + 5 * 1000) / 1_000_000,
    ]
    assert priced.prices.unpriced == ()
    sources = {(m.model, m.provider, m.tier): m.history for m in priced.prices.models}
    assert sources.pop(("gpt-4o", "openai", None)) is PriceHistory.TODAY
    assert set(sources.values()) == {PriceHistory.FILE}


@pytest.mark.slow
def test_outside_its_dates_the_list_holds_or_nothing(tmp_path: Path) -> None:
    dates = {"from": "2026-06-02", "until": "2026-06-02", "prices": {"fresh_input": 1, "output": 1}}
    file = build({"model": "gpt-4o", **dates}, {"model": "house", **dates})
    log = Requests()
    for day in (0, 1, 2):
        for model in ("gpt-4o", "house"):
            log.add(day * DAY, model=model, **million(fresh_input=1))
    priced = log.write(tmp_path).priced_log(price_file=file)
    assert costs(priced) == [D("2.5"), None, D(1), D(1), D("2.5"), None]
    (unpriced,) = priced.prices.unpriced
    assert (unpriced.model, unpriced.requests, unpriced.tokens) == ("house", 2, 2_000_000)
    assert any("doesn't cover" in note and "gpt-4o" in note for note in priced.prices.notes)


@pytest.mark.slow
def test_a_users_own_price_and_discount_go_before_it(tmp_path: Path) -> None:
    log = Requests().add(model="house", **million(fresh_input=1, output=1)).write(tmp_path)
    file = build({"model": "house", "prices": {"fresh_input": 1, "output": 4}})
    own = (OwnPrice(model="house", fresh_input=D("0.5")),)
    assert costs(log.priced_log(price_file=file)) == [D(5)]
    assert costs(log.priced_log(price_file=file, discount_percent=D(10))) == [D("4.5")]
    priced = log.priced_log(price_file=file, model_prices=own)
    assert costs(priced) == [D("4.5")]
    assert priced.prices.models[0].history is PriceHistory.GIVEN
    assert costs(log.priced_log(price_file=file, price_in=D(2), price_out=D(2))) == [D(4)]


@pytest.mark.slow
def test_its_models_may_be_assumed_meant_and_compared_with(tmp_path: Path) -> None:
    file = build({"model": "house", "context_window": 4_000_000, "prices": {"fresh_input": 1, "output": 4}})
    log = Requests().add(**million(fresh_input=1)).write(tmp_path)
    assert costs(log.priced_log(price_file=file, assume_model="house")) == [D(1)]
    (tmp_path / "two").mkdir()
    named = Requests().add(model="gpt-4o", **million(fresh_input=1)).write(tmp_path / "two")
    with named.analysis(price_file=file, target_model="house") as analysis:
        found = analysis.compare_model("house")
    assert (found.now, found.target) == (D("2.5"), "house")
    assert found.then_least == found.token_ratio[0] * D(1)


@pytest.mark.slow
def test_batches_save_what_its_batch_price_says(tmp_path: Path) -> None:
    file = build(
        {
            "model": "house",
            "prices": {"fresh_input": 10, "output": 10},
            "tiers": {"batch": {"fresh_input": 4, "output": 4}},
        },
        {"model": "no-batch", "prices": {"fresh_input": 10, "output": 10}},
    )
    log = Requests()
    for model in ("house", "no-batch"):
        log.add(model=model, **million(fresh_input=1))
    with log.write(tmp_path).analysis(price_file=file) as analysis:
        assert analysis.spend().total == D(20)
        assert analysis.estimate("batch").saving == D(6)


@pytest.mark.slow
def test_a_report_names_the_file_and_its_date_in_every_form(tmp_path: Path) -> None:
    log = Requests().add(model="house-model", fresh_input=1000, output=1000).write(tmp_path)
    with log.analysis(price_file=read(tmp_path, TOML)) as analysis:
        report = analysis.report()
    document = report.to_json()
    assert document["price_file"] == {"title": "Contract", "date": "2026-05-01"}
    assert document["prices"][0]["history"] == "this installation's price file"
    assert document["spend"]["prices"] == "this installation's prices"
    assert any("'Contract' of 2026-05-01" in note for note in document["notes"])


def test_kept_answers_belong_to_the_file(tmp_path: Path) -> None:
    log = Requests().add(model="house", fresh_input=1000).write(tmp_path)
    one, other = (build({"model": "house", "prices": {"fresh_input": price, "output": 4}}) for price in (1, 2))
    names = [
        AnswerCache(tmp_path, log.path, NO_ASSUMPTIONS, one.as_of, file)._file.name for file in (None, one, other, one)
    ]
    assert len(set(names)) == 3
    assert names[1] == names[3]


@pytest.mark.slow
def test_a_child_process_prices_with_it(tmp_path: Path) -> None:
    log = Requests().add(model="house", **million(fresh_input=1)).write(tmp_path)
    temp = tmp_path / "child"
    temp.mkdir()
    file = build({"model": "house", "prices": {"fresh_input": "1.25", "output": 4}})
    with open_analysis_in_child(
        log.path, temp, NO_ASSUMPTIONS, name="log", answers_dir=None, price_file=file
    ) as analysis:
        assert analysis.spend().total == D("1.25")
        assert analysis.prices.file == PriceFileInfo(title="", date="2026-05-01")
