"""The committed bundle: built from the committed sources, light, and complete - checked without node."""

import gzip
import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from workloads.ingest.fields import FIELDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "frontend"
BUNDLE = ROOT / "realtime/static/netra"
BUILT = ("chat.js", "chat.css", "base.css", "netra-client.js")
WEIGHT = 150_000  # bytes, gzipped: what a first visit costs


def digest() -> str:
    """As build.mjs computes it."""
    names = [path.relative_to(SOURCES).as_posix() for path in (SOURCES / "src").rglob("*") if path.is_file()]
    found = sha256()
    for name in sorted([*names, "build.mjs", "package-lock.json"]):
        content = (SOURCES / name).read_bytes()
        found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


@pytest.mark.parametrize("name", BUILT)
def test_the_bundle_was_built_from_these_sources(name: str) -> None:
    first = (BUNDLE / name).read_text().split("\n", 1)[0]
    assert digest() in first, "the sources changed since: make bundle"


def test_the_page_is_light() -> None:
    shell = ROOT / "realtime/templates/realtime/chat.html"
    files = [shell, BUNDLE / "chat.js", BUNDLE / "chat.css"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < WEIGHT


@pytest.mark.parametrize("name", BUILT)
def test_the_bundle_asks_nobody_else_for_anything(name: str) -> None:
    content = (BUNDLE / name).read_text()
    reaching = r"@import|url\((?!['\"]?data:)" if name.endswith(".css") else r"\bimport\s*\(|\beval\(|new Function\("
    assert not re.search(reaching, content)
    assert "sourceMappingURL" not in content


def test_the_client_is_one_file_that_can_be_read() -> None:
    content = (BUNDLE / "netra-client.js").read_text()
    assert not re.search(r"^\s*import\b", content, re.MULTILINE)
    assert content.count("\n") > 300
    assert re.findall(r"^  (\w+),?$", content.rpartition("export {")[2], re.MULTILINE) == [
        "NetraClient",
        "Refused",
        "backoff",
        "fit",
    ]


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (SOURCES / "package-lock.json").read_text()


def scripts() -> dict[str, str]:
    """By their names."""
    files = (SOURCES / "src").rglob("*.js")
    return {file.relative_to(SOURCES / "src").as_posix(): file.read_text() for file in files}


@pytest.mark.parametrize("texts", ["texts.json", "report/texts.json"])
def test_every_text_that_is_asked_for_exists(texts: str) -> None:
    told = json.loads((SOURCES / "src" / texts).read_text())
    mine = [script for name, script in scripts().items() if name.startswith("report/") == texts.startswith("report/")]
    asked = {key for script in mine for key in re.findall(r'\bt\("([\w.]+)"', script)}
    assert asked, "no text was asked for: the pattern does not fit any more"
    assert asked <= told.keys()


def test_both_catalogues_are_one_to_translators() -> None:
    page, report = (json.loads((SOURCES / "src" / name).read_text()) for name in ("texts.json", "report/texts.json"))
    assert not page.keys() & report.keys()
    for text in (*page.values(), *report.values()):
        assert isinstance(text, str) or text.keys() == {"one", "other"}


def test_what_is_read_stands_in_the_catalogues() -> None:
    for name, script in scripts().items():
        code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", script, flags=re.DOTALL | re.MULTILINE)
        words = re.findall(r"(?<![=\s])>([^<>${}`]*[A-Za-z]{2,}[^<>${}`]*)(?=<|\$\{|`)", code)
        spoken = re.findall(r'\b(?:aria-label|title|placeholder|alt)="[^"$]*[A-Za-z]{2,}', code)
        assert not words + spoken, name


def test_every_field_of_a_log_has_a_name() -> None:
    told = json.loads((SOURCES / "src/texts.json").read_text())
    assert {f"field.{name}" for name in FIELDS} == {key for key in told if key.startswith("field.")}


@pytest.mark.skipif(shutil.which("node") is None, reason="only developers of the page have node")
@pytest.mark.parametrize("name", ["page_state", "page_texts", "client_stream", "client_line", "client_asks"])
def test_the_page_and_its_client_without_a_browser(name: str) -> None:
    program = Path(__file__).with_name(f"{name}.test.mjs")
    done = subprocess.run(["node", "--test", str(program)], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout
