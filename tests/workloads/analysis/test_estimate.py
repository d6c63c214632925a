"""Estimates are stored as data, and shown in the language of whoever reads them later."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from pydantic import TypeAdapter

from core.i18n.language import ENGLISH, Language
from core.i18n.text import Text, to_json, translate
from core.json_data import to_jsonable
from tests.support.workloads.builder import Requests
from workloads.analysis.analysis import Analysis
from workloads.analysis.combination import Combination, PlanItem, build_plan
from workloads.analysis.estimate import Estimate, Evidence
from workloads.analysis.prefix_cache import PrefixCache
from workloads.analysis.profile import Profile
from workloads.levers.registry import LEVERS
from workloads.pricing.prices import Prices

pytestmark = pytest.mark.slow

T = TypeVar("T")

GERMAN = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Move non-urgent requests to batch"
msgstr "Was warten kann, als Stapel schicken"

msgid "Cache responses to identical prompts"
msgstr "Genaue Wiederholungen aus einem Antwortspeicher beantworten"

msgid "cost of the requests that can wait − cost of the same tokens at batch prices"
msgstr "Kosten − Kosten als Stapel"

msgid "cost = tokens × price, for fresh input, cache reads, cache writes and output"
msgstr "Kosten = Token × Preis"

msgid "submit jobs, poll, collect results"
msgstr "abschicken, nachfragen, abholen"

msgid "Confirm which jobs can take up to 24 h, then send them through the provider's batch API"
msgstr "Klären, was warten kann"

msgid "which requests are scheduled (needs times with a date)"
msgstr "welche Anfragen warten können"

msgid "tokens in these repeats"
msgstr "Token dieser Wiederholungen"

msgid "cache lifetime"
msgstr "Lebensdauer"

msgid "no expiry"
msgstr "ohne Grenze"

msgid "{hours} h"
msgstr "{hours} Std."

msgid "no request gets slower"
msgstr "keine Anfrage wird langsamer"

msgid "Assumes latency is unchanged."
msgstr "Die Latenz gilt als unverändert."

msgid "prefix-cache hit rate"
msgstr "Trefferquote des Präfixspeichers"

msgid "spend by feature"
msgstr "Ausgaben je Funktion"

msgid "A discount of {percent}% was applied to every price."
msgstr "Von jedem Preis wurden {percent} % abgezogen."
"""


@pytest.fixture
def german(tmp_path: Path) -> Language:
    path = tmp_path / "de.po"
    path.write_text(GERMAN, encoding="utf-8")
    return Language("de", path)


@pytest.fixture
def analysis(tmp_path: Path) -> Iterator[Analysis]:
    fit = {"model": "gpt-4o", "fresh_input": 1_000, "ok": True, "temperature": 0.0, "has_tools": False}
    log = Requests(always={**fit, "latency_ms": 100.0, "end_user": "alice"})
    log.add(0, prompt_hash="a", latency_ms=110.0).add(1, prompt_hash="a").add(9, prompt_hash="b")
    with log.write(tmp_path, relative_clock=True).analysis() as found:
        yield found


def again(value: T, kind: type[T]) -> T:
    """The value, kept as JSON and made of it."""
    revived: T = TypeAdapter(kind).validate_python(json.loads(json.dumps(to_jsonable(to_json(value)))))
    assert to_jsonable(to_json(revived)) == to_jsonable(to_json(value))
    return revived


@pytest.mark.parametrize("name", LEVERS)
def test_every_estimate_is_kept_whole(analysis: Analysis, name: str) -> None:
    estimate = analysis.estimate(name)
    assert to_jsonable(again(estimate, Estimate)) == to_jsonable(estimate)
    assert all(set(line) == set(estimate.headings) for line in estimate.details)


def test_an_estimate_that_was_kept_is_said_in_the_readers_language(analysis: Analysis, german: Language) -> None:
    batch = translate(again(analysis.estimate("batch"), Estimate), german)
    assert batch["title"] == "Was warten kann, als Stapel schicken"
    assert batch["formula"] == "Kosten − Kosten als Stapel; Kosten = Token × Preis"
    assert batch["steps"][0]["step"] == "Klären, was warten kann"
    assert batch["steps"][0]["effort"] == "medium - abschicken, nachfragen, abholen"
    assert batch["unknowns"][0] == {"what": "welche Anfragen warten können", "column": "time"}


def test_a_table_keeps_its_columns_and_has_headings_in_the_readers_language(
    analysis: Analysis, german: Language
) -> None:
    repeats = translate(again(analysis.estimate("response_cache"), Estimate), german)
    assert repeats["evidence"][1]["label"] == "Token dieser Wiederholungen"
    assert list(repeats["details"][0]) == ["kept_for", "repeats", "saving_usd", "saving_if_shared_usd"]
    assert repeats["headings"] == {
        "kept_for": "Lebensdauer",
        "repeats": "repeats",
        "saving_usd": "saving",
        "saving_if_shared_usd": "saving if shared by all users",
    }
    assert [line["kept_for"] for line in repeats["details"]] == ["1 Std.", "24 Std.", "ohne Grenze"]


def test_names_in_evidence_stay_names_and_our_words_are_said(german: Language) -> None:
    kind = TypeAdapter(Evidence)
    named, ours = (
        kind.validate_python({"label": {"text": "features or users"}, "value": value})
        for value in ("no expiry", {"text": "no expiry"})
    )
    assert not isinstance(named.value, Text)
    assert [translate(each, german)["value"] for each in (named, ours)] == ["no expiry", "ohne Grenze"]


def test_a_combination_and_its_plan_are_said_in_the_readers_language(analysis: Analysis, german: Language) -> None:
    estimates = [analysis.estimate(name) for name in LEVERS]
    found = again(analysis.combine(guard="p95"), Combination)
    told = translate(found, german)
    assert told["waterfall"][0]["title"] == "Genaue Wiederholungen aus einem Antwortspeicher beantworten"
    assert told["candidates"][-1]["title"] == "Was warten kann, als Stapel schicken"
    assert told["guard"]["note"] == "Die Latenz gilt als unverändert."
    assert told["guard"]["speeds"] == {"response_cache": "keine Anfrage wird langsamer"}
    assert (told["guard"]["verdict"], told["candidates"][-1]["basis"]) == ("kept", "modelled")
    steps = translate(again(build_plan(estimates, found), tuple[PlanItem, ...]), german)
    assert steps[-1]["effort"] == "medium - abschicken, nachfragen, abholen"
    assert translate(found, ENGLISH) is found


def test_so_is_what_the_log_cannot_tell_and_how_it_was_priced(tmp_path: Path, german: Language) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=5).write(tmp_path)
    with log.analysis(discount_percent=Decimal("2.5")) as analysis:
        prices, profile = again(analysis.prices, Prices), again(analysis.profile(), Profile)
        prefixes = again(analysis.prefix_cache(), PrefixCache)
    assert "Von jedem Preis wurden 2,5 % abgezogen." in translate(prices, german)["notes"]
    assert {"what": "Ausgaben je Funktion", "column": "feature"} in translate(profile, german)["unknowns"]
    assert translate(prefixes, german)["unknown"]["what"] == "Trefferquote des Präfixspeichers"
