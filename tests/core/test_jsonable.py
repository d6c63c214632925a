from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import pytest

from netra.core.jsonable import jsonable


@dataclass(frozen=True, slots=True)
class Found:
    money: Decimal
    names: MappingProxyType[str, float]


def test_a_frozen_result_becomes_data() -> None:
    found = Found(Decimal("47.608895"), MappingProxyType({"a": float("nan"), "b": 1.5}))
    assert jsonable(found) == {"money": "47.608895", "names": {"a": None, "b": 1.5}}


def test_an_object_is_no_data() -> None:
    with pytest.raises(TypeError, match="object is no data"):
        jsonable({"session": object()})
