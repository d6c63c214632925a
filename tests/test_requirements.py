"""The locked requirements install anywhere, whatever has been released since."""

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?==", re.MULTILINE)


def _parse_locked(name: str) -> dict[str, set[str]]:
    """The extras of each package that a file pins."""
    found = PINNED.findall((ROOT / name).read_text())
    return {canonicalize_name(package): {extra.strip() for extra in extras.split(",")} for package, extras in found}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_an_extra_that_somebody_asks_for_is_pinned_with_its_package(name: str) -> None:
    # Debian 12's pip takes the newest release of `package[extra]` where only `package` is pinned, then refuses it.
    locked = _parse_locked(name)
    asked = {
        (canonicalize_name(wanted.name), extra)
        for each in distributions()
        if canonicalize_name(each.metadata["Name"]) in locked
        for wanted in map(Requirement, each.requires or ())
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        for extra in wanted.extras
    }

    assert ("twisted", "tls") in asked, "daphne asks for it: the test looks at what it should"
    assert {(package, extra) for package, extra in asked if extra not in locked[package]} == set()
