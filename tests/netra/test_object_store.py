"""NETRA_STORE: read once, refused in one line without its secrets, and checked when the operator asks."""

from pathlib import Path

import pytest

from core.objects.installed import find_store
from netra.checks import check_object_store
from netra.config import BrokenSettings, Environment
from netra.object_store import build_object_store
from tests.support.stores import IllStore


def test_without_a_store_files_are_in_the_data_folder() -> None:
    for given in (None, "", "  "):
        assert build_object_store(Environment(store=given, _env_file=None)) is None
    assert find_store() is None


def test_a_store_is_bounded_as_the_settings_say(tmp_path: Path) -> None:
    url = (tmp_path / "store").as_uri()
    found = build_object_store(Environment(store=url, cache_bytes=7, disk_reserve_bytes=5, _env_file=None))
    assert found is not None
    assert (found.cache_bytes, found.reserve_bytes) == (7, 5)


def test_a_broken_address_is_one_line_without_secrets() -> None:
    broken = Environment(store="s3://bucket?secret_access_key=of-nobody&bogus=1", _env_file=None)
    with pytest.raises(BrokenSettings, match="^NETRA_STORE: ") as refused:
        build_object_store(broken)
    assert "of-nobody" not in str(refused.value)
    assert "of-nobody" not in repr(broken)


def test_a_store_that_is_away_is_reported_with_the_database_only(installed_store: IllStore) -> None:
    assert check_object_store(databases=["default"]) == []
    installed_store.proxy.set_fault("refused")
    assert check_object_store(databases=None) == []
    assert [each.id for each in check_object_store(databases=["default"])] == ["netra.E028"]
