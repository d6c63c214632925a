from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "head",
    [
        "Month,Model,Input Tokens Budget,Input Tokens Actual,Output Tokens Budget,Output Tokens Actual,Cost Budget",
        "Month,Model,Plan Input Tokens,Input tokens,Planned output tokens,Output tokens,Budget USD",
        "Datum,Modell,Eingabe-Token Soll,Eingabe-Token Ist,Ausgabe-Token Soll,Ausgabe-Token Ist,Kosten Plan",
    ],
    ids=["actual", "unmarked", "german"],
)
def test_what_was_used_is_read_and_the_budget_is_named(head: str, tmp_path: Path) -> None:
    log = ingest_log(
        tmp_path, f"{head}\n2026-01-01,gpt-4o,12000,10000,1500,1000,45\n2026-02-01,gpt-4o,13000,11000,1600,1100,46\n"
    )
    assert (log.column("fresh_input"), log.column("output")) == ([10000, 11000], [1000, 1100])
    planned = head.split(",")[2::2]
    assert any(all(f'"{column}"' in str(note) for column in planned) for note in log.source.notes)


def test_a_subscription_plan_is_no_budget(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "time,model,plan,input tokens,output tokens\n2026-01-01T10:00:00Z,gpt-4o,free,5,1\n")
    assert not any("budget" in str(note) for note in log.source.notes)
