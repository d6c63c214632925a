from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from core.i18n.language import ENGLISH
from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.repricing.what_if import WhatIf, compute_what_if
from workloads.report.markdown import to_markdown

pytestmark = pytest.mark.slow

D = Decimal
M = 1_000_000


def requests(**values: Any) -> Requests:
    return Requests(always={"model": "gpt-4o", "fresh_input": 1_000, "output": 100, **values})


def compare(tmp_path: Path, log: Requests, target: str, **assumptions: Any) -> WhatIf:
    return compute_what_if(log.write(tmp_path).priced_log(**assumptions), target)


def test_all_requests_are_priced_at_the_target_simple_or_not(tmp_path: Path) -> None:
    found = compare(tmp_path, requests(has_tools=True, output=4_000).add(), "gpt-4o-mini")
    now, then = (1_000 * D("2.5") + 4_000 * D(10)) / M, (1_000 * D("0.15") + 4_000 * D("0.6")) / M
    assert (found.now, found.then_least, found.then_most, found.saving) == (now, then, then, now - then)
    assert (found.target, found.provider, found.basis) == ("gpt-4o-mini", "openai", Basis.MODELLED)
    assert "evaluation" in found.unknowns[0].what


def test_another_providers_target_is_a_range(tmp_path: Path) -> None:
    found = compare(tmp_path, requests().add(), "claude-haiku-4-5")
    then = (1_000 * D(1) + 100 * D(5)) / M
    assert (found.then_least, found.then_most) == (then * D("0.75"), then * D("1.35"))
    assert found.token_ratio == (D("0.75"), D("1.35"))


def test_a_target_that_costs_more_saves_less_than_nothing(tmp_path: Path) -> None:
    found = compare(tmp_path, requests().add(), "gpt-4")
    assert found.saving < 0


def test_what_the_target_cannot_answer_is_left_out(tmp_path: Path) -> None:
    log = requests().add().add(fresh_input=127_950).add(audio_input=10).add(searches=1)
    (line,) = compare(tmp_path, log, "gpt-4o-mini").lines
    assert (line.rows, line.left_out) == (1, 3)


def test_the_targets_own_requests_stay(tmp_path: Path) -> None:
    assert compare(tmp_path, requests(model="gpt-4o-mini").add(), "gpt-4o-mini").lines == ()


def test_sums_of_requests_have_money_too(tmp_path: Path) -> None:
    log = requests(is_sum=True, requests=900, fresh_input=9 * M).add()
    assert compare(tmp_path, log, "gpt-4o-mini").now == (9 * M * D("2.5") + 100 * D(10)) / M


@pytest.mark.parametrize("name", ["no-such-model", "", "x" * 500, "gpt-4o'; DROP TABLE rates; --", "\0"])
def test_a_model_that_is_not_in_the_list_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="not in the price list"):
        compare(tmp_path, requests().add(), name)


def test_the_report_has_it_if_it_was_asked_for(tmp_path: Path) -> None:
    with requests().add().write(tmp_path).analysis(target_model="gpt-4o-mini") as analysis:
        report = analysis.report()
        page, data = to_markdown(report, ENGLISH), report.to_json()
    assert "What if `gpt-4o-mini` answered every request?" in page
    assert data["what_if"]["saving"] == pytest.approx(float(1_000 * D("2.35") + 100 * D("9.4")) / M)


def test_a_log_is_not_priced_with_an_unknown_target(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The target model 'gpt-99' is not in the price list"):
        requests().add().write(tmp_path).priced_log(target_model="gpt-99")
