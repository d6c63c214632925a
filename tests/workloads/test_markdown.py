import re
from pathlib import Path
from typing import Any

from tests.workloads.builder import Requests
from workloads.markdown import headline, to_markdown
from workloads.report import Report
from workloads.schema import Rejection

EVIL = "<script>alert(1)</script>|`x`[a](http://evil)![i](x)\x1b[31m\u202e"


def report(tmp_path: Path, model: str = "gpt-4o", source: dict[str, Any] | None = None, **wishes: Any) -> Report:
    always = {"model": model, "fresh_input": 2048, "blocks": ["a", "b"], "ok": True, "feature": "chat"}
    log = Requests(always=always).add(0).add(60).add(61, ok=False).add(62, model=None, feature=None)
    tmp_path.mkdir(exist_ok=True)
    with log.write(tmp_path, block_tokens=1024, **source or {}).analysis() as analysis:
        return analysis.report(**wishes)


def test_it_says_what_was_spent_and_what_can_be_saved(tmp_path: Path) -> None:
    text = to_markdown(report(tmp_path, goal_percent=90, guard="p95"))
    assert "- **Spend:** $0.0154 for 3 requests in 1 min 2 s (prices: price list, today's price)" in text
    assert "- **Can be saved:** $0.0077 (50.0 % of the spend)" in text
    assert "stop paying for errors and retries (observed)" in text
    assert "- **If confirmed:** up to $0.0038 more: send what can wait as batches (modelled)" in text
    assert "- **Goal of 90 %:** $0.0061 short" in text
    assert "- **p95 latency:** unknown" in text


def test_it_shows_every_section(tmp_path: Path) -> None:
    sections = re.findall(r"^## (.*)$", to_markdown(report(tmp_path)), re.MULTILINE)
    assert sections == [
        "The log",
        "Spend",
        "Prefixes seen again (ideal cache, no minimum)",
        "Levers, each alone (they overlap: not to be added up)",
        "One after the other",
        "Plan",
        "What each figure rests on",
        "Unknown, and what would tell",
        "Notes",
    ]


def test_it_lets_nothing_of_the_log_act(tmp_path: Path) -> None:
    source = {
        "name": EVIL,
        "notes": (EVIL,),
        "mapping": {"model": EVIL},
        "guessed": True,
        "rejected": (Rejection(why=EVIL, rows=1, examples=(7,)),),
    }
    log = Requests(always={"fresh_input": 2048, "ok": True, "streamed": False})
    for day in range(30):
        log.add(day * 86_400, model=EVIL, feature=EVIL).add(day * 86_400, model="gpt-4o", feature=EVIL)
    with log.write(tmp_path, **source).analysis() as analysis:
        text = to_markdown(analysis.report(missing=(EVIL,)))
    assert "alert(1)" in text
    assert "sent by: \\u003cscript" in text
    assert not re.search(r"<|\[a\]|!\[|\x1b|\u202e|\]\(", text)
    widths = [line.count(" | ") for line in text.splitlines() if line.startswith("| `")]
    assert set(widths) <= {1, 4, 5}


def test_it_marks_synthetic_and_incomplete_reports(tmp_path: Path) -> None:
    text = to_markdown(report(tmp_path, source={"synthetic": True}, levers=(), missing=("optimization",)))
    assert "**Synthetic log:**" in text
    assert "**Incomplete:** failed: optimization." in text
    assert "## Plan" not in text
    assert "Can be saved" not in text


def test_it_says_in_one_line_what_matters(tmp_path: Path) -> None:
    assert headline(report(tmp_path)) == (
        "$0.0154 spent on 3 requests; $0.0077 (50.0 %) can be saved, up to $0.0038 more if confirmed."
    )
    assert headline(report(tmp_path / "x", levers=())) == "$0.0154 spent on 3 requests; no savings were worked out."


def test_it_lists_models_without_a_price(tmp_path: Path) -> None:
    text = to_markdown(report(tmp_path, model="house-model"))
    assert "Without a price: `house-model`, 3 requests (not in the price list: give prices for it)" in text
    assert "Without a price: *not logged*, 1 requests" in text
