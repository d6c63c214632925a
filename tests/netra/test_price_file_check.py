"""Start-up checks of an operator's price file."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import override_settings

from netra.checks import check_price_file
from netra.services import running_services
from tests.netra.test_config import environment
from workloads.pricing.price_file import BrokenPriceFile

MODEL = 'date = 2026-05-01\n[[models]]\nmodel = "{model}"\nprices = {{ fresh_input = 1, output = 4 }}\n'


def check(path: Path | None) -> list[tuple[str | None, str]]:
    with override_settings(NETRA=SimpleNamespace(price_file=path)):
        return [(each.id, each.msg) for each in check_price_file()]


def test_no_file_and_a_right_one_are_silent(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(MODEL.format(model="house-model"))
    assert check(None) == check(tmp_path / "prices.toml") == []


def test_a_wrong_file_is_an_error_that_names_the_entry(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(MODEL.format(model="house-model").replace("output = 4", "outputs = 4"))
    ((name, says),) = check(tmp_path / "prices.toml")
    assert name == "netra.E016"
    assert "models[1].prices.output is missing" in says and "outputs is not a field" in says


def test_a_price_that_only_the_list_has_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "prices.toml").write_text(MODEL.format(model="claude-sonnet-4-5"))
    ((name, says),) = check(tmp_path / "prices.toml")
    assert name == "netra.W017"
    assert "cache_read, cache_write, cache_write_1h" in says and "claude-sonnet-4-5" in says


def test_the_services_do_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    async def start() -> None:
        async with running_services(environment(price_file=tmp_path / "gone.toml")):
            pytest.fail("it started")

    with pytest.raises(BrokenPriceFile, match="cannot be read"):
        asyncio.run(start())
