from pathlib import Path

import pytest

from workloads.analysis.opening import open_analysis
from workloads.ingest import log_names
from workloads.ingest.database import attach_log
from workloads.ingest.log_names import SELECT_NAMES
from workloads.ingest.pipeline import ingest_file
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow

ROWS = """time,model,service_tier,input_tokens,output_tokens,cost
2026-05-01T10:00:00Z,gpt-4o,,1000,50,0.003
2026-05-01T11:30:00Z,gpt-4o,batch,300000,5,0
2026-05-02T09:00:00Z,house-model,,700,70,0.5
2026-05-02T09:00:01Z,o3,,10,1,0
"""


@pytest.mark.parametrize("most", [log_names.MAX_STORED, 3], ids=["stored", "too many to be stored"])
def test_names_are_counted_when_a_log_is_read_or_else_when_it_is_opened(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_names, "MAX_STORED", most)
    file, log = tmp_path / "log.csv", tmp_path / "log.duckdb"
    file.write_text(ROWS)
    ingest_file(file, log, format=None, mapping={}, name="log.csv")
    con = attach_log(log, temp=tmp_path / "temp")
    stored = log_names.select_names(con)
    assert (stored == SELECT_NAMES) == (most == 3)
    order = " ORDER BY ALL"
    assert con.execute(stored + order).fetchall() == con.execute(SELECT_NAMES + order).fetchall()
    con.close()
    with open_analysis(log, tmp_path / "spill", Assumptions()) as analysis:
        prices, spend = analysis.prices, analysis.spend()
    assert [(one.model, one.tier) for one in prices.models] == [("gpt-4o", "batch"), ("gpt-4o", None), ("o3", None)]
    assert [model.model for model in prices.unpriced] == ["house-model"]
    assert str(spend.stated).rstrip("0") == "0.5"
