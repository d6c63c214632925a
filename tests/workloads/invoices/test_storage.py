import gzip
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput, NotFound, StorageFull
from core.models import User
from workloads.child_process import DEFAULT_LIMITS
from workloads.invoices import storage
from workloads.invoices.storage import delete_invoice, find_invoice, import_invoice, parse_stored_invoice
from workloads.models import Invoice, Workload
from workloads.storage import StorageQuotaExceeded, measure_storage

pytestmark = pytest.mark.django_db

COSTS = "day,model,amount\n2026-11-01,gpt-4o,0.1234567890123\n"


def make_log(name: str) -> Workload:
    user = User.objects.create(username=name)
    return Workload.objects.create(owner=user, name="log.csv", state="ready")


def write(folder: Path, content: str = COSTS) -> Path:
    (path := folder / "costs.csv").write_text(content)
    return path


def test_an_invoice_is_kept_with_its_log_to_the_last_digit(tmp_path: Path) -> None:
    log = make_log("ann")
    import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path)
    row = find_invoice(log.owner_id, log.id)
    assert row is not None
    assert parse_stored_invoice(row).total == Decimal("0.1234567890123")
    assert measure_storage(log.owner_id, tmp_path, None).used == row.size > 0


def test_a_later_one_replaces_it_and_a_bad_one_does_not(tmp_path: Path) -> None:
    log = make_log("ann")
    for content in (COSTS, COSTS.replace("0.1234567890123", "2")):
        import_invoice(log.owner_id, log.id, write(tmp_path, content), name="costs.csv", data_dir=tmp_path)
    with pytest.raises(BadInput):
        import_invoice(log.owner_id, log.id, write(tmp_path, "nothing"), name="costs.csv", data_dir=tmp_path)
    (row,) = Invoice.objects.for_user(log.owner_id)
    assert parse_stored_invoice(row).total == 2


def test_it_is_only_the_owners(tmp_path: Path) -> None:
    log, other = make_log("ann"), make_log("bob")
    import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path)
    assert find_invoice(other.owner_id, other.id) is None
    for call in (find_invoice, delete_invoice):
        with pytest.raises(NotFound):
            call(other.owner_id, log.id)
    with pytest.raises(NotFound):
        import_invoice(other.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path)


def test_it_counts_towards_the_quota_and_goes_with_its_log(tmp_path: Path) -> None:
    log = make_log("ann")
    with pytest.raises(StorageQuotaExceeded):
        import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path, quota=10)
    import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path)
    log.delete()
    assert not Invoice.objects.exists()


def test_it_can_be_deleted_once(tmp_path: Path) -> None:
    log = make_log("ann")
    import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path)
    delete_invoice(log.owner_id, log.id)
    with pytest.raises(NotFound):
        delete_invoice(log.owner_id, log.id)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    log = make_log("ann")
    (path := tmp_path / "costs.csv").write_bytes(gzip.compress(COSTS.encode() + b"2026-11-01,gpt-4o,1\n" * 40_000))
    limits = replace(DEFAULT_LIMITS, scratch=1 << 20)
    with pytest.raises(BadInput, match="when decompressed"):
        import_invoice(log.owner_id, log.id, path, name="costs.csv", data_dir=tmp_path, limits=limits)


def test_reading_it_stops_once_it_uses_the_disks_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, limits = make_log("ann"), replace(DEFAULT_LIMITS, reserve=shutil.disk_usage(tmp_path).total)
    monkeypatch.setattr(storage, "fit_disk", lambda fitted, *_: fitted)  # the disk filled up after the child began
    with pytest.raises(StorageFull):
        import_invoice(log.owner_id, log.id, write(tmp_path), name="costs.csv", data_dir=tmp_path, limits=limits)
