import json
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import pytest

from core.json_data import to_jsonable, to_storable, truncate_json


@dataclass(frozen=True, slots=True)
class MoneyRecord:
    money: Decimal
    names: MappingProxyType[str, float]


def test_a_frozen_dataclass_becomes_json_data() -> None:
    found = MoneyRecord(Decimal("47.608895"), MappingProxyType({"a": float("nan"), "b": 1.5}))
    assert to_jsonable(found) == {"money": "47.608895", "names": {"a": None, "b": 1.5}}


def test_an_arbitrary_object_is_refused() -> None:
    with pytest.raises(TypeError, match="object is not JSON data"):
        to_jsonable({"session": object()})


def test_untrusted_text_becomes_storable() -> None:
    assert to_storable("fine é 😀") == "fine é 😀"
    assert to_storable("half \ud800 nul \x00").encode()
    assert "\x00" not in to_storable("nul \x00")
    assert to_storable("\ud800x") == "\ufffdx"


def test_untrusted_data_becomes_storable_and_is_truncated() -> None:
    assert truncate_json({"a": "é"}, 100) == ({"a": "é"}, False)
    clean, cut = truncate_json({"a\ud800": ["\x00"]}, 100)
    assert not cut
    assert json.dumps(clean, ensure_ascii=False).encode()
    assert "\\u0000" not in json.dumps(clean)
    # Six characters that look like an escape are just six characters.
    assert truncate_json({"f": "a\\u0000b"}, 100) == ({"f": "a\\u0000b"}, False)
    preview, cut = truncate_json(["é" * 100], 51)
    assert cut
    assert isinstance(preview, dict)
    assert len(str(preview["preview"]).encode()) <= 51
