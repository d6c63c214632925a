"""A parser that the table does not name is found, and so is a field of a request that has no bound."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from rest_framework import serializers

import netra.urls  # noqa: F401 - with it every serializer is there
from core.api.serializers import StrictSerializer
from tests.support.live_server import ROOT
from tests.untrusted.parsers_by_module import OURS
from tests.untrusted.survey import PACKAGES, modules, parses, reads
from tests.untrusted.table import PARSERS
from workloads.api.serializers import MappingField

NAMED = {module for parser in PARSERS for module in parser.modules}


@pytest.fixture(scope="module")
def sources() -> Mapping[str, str]:
    return {str(path): (ROOT / path).read_text(encoding="utf-8") for path in modules()}


@pytest.fixture(scope="module")
def signs(sources: Mapping[str, str]) -> Mapping[str, set[str]]:
    """By the module, what gives away that it parses text."""
    return {path: found for path, source in sources.items() if (found := parses(source))}


def _is_ours(path: str) -> bool:
    return path in OURS or any(path.startswith(folder) for folder in OURS if folder.endswith("/"))


@pytest.mark.slow
def test_every_module_that_parses_text_is_in_the_table(signs: Mapping[str, set[str]]) -> None:
    unknown = {path: sorted(found) for path, found in signs.items() if path not in NAMED and not _is_ours(path)}
    assert unknown == {}, "give it a row in tests/untrusted/table.py, or say in ours.py whose text it reads"


def test_the_table_names_what_there_is(sources: Mapping[str, str], signs: Mapping[str, set[str]]) -> None:
    assert NAMED - set(sources) == set()
    assert {module for module in NAMED if _is_ours(module)} == set()
    for named in OURS:
        assert any(path.startswith(named) for path in signs), f"{named} parses nothing"


def test_every_row_has_a_name_of_its_own() -> None:
    names = [parser.name for parser in PARSERS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("source", "sign"),
    [
        ("import re\nX = re.compile('a')", "expression"),
        ("def f(request): return request.headers['a']", "request"),
        ("def f(request): return request.META.get('HTTP_A')", "request"),
        ("def f(scope): return dict(scope['headers'])", "scope"),
        ("def f(request): return request.query_params", "request"),
        ("def f(request): return request.data", "request"),
        ("from json import JSONDecoder\nimport json\ndef f(x): return json.loads(x)", "JSON"),
        ("class A(serializers.Serializer[int]):\n    a = serializers.CharField()", "field"),
        ("class A(ToolInput):\n    a: str", "form"),
        ("class A(MetadataAdmin):\n    search_fields = ('a',)", "search"),
        ("from urllib.parse import urlsplit", "import"),
        ("def parse_things(text): ...", "parser"),
    ],
)
def test_a_parser_is_known_by_its_signs(source: str, sign: str) -> None:
    assert sign in parses(source)


def test_what_parses_nothing_has_no_sign() -> None:
    assert parses("def double(number: int) -> int:\n    return 2 * number") == set()


def test_every_field_that_a_request_may_hold_has_a_bound(sources: Mapping[str, str]) -> None:
    asked = {name for source in sources.values() if "data=" in source for name in reads(source)}
    kinds = [
        kind
        for kind in _ours(serializers.Serializer)
        if kind.__name__ in asked or (issubclass(kind, StrictSerializer) and not kind.__subclasses__())
    ]
    assert len(kinds) > 6
    assert [place for kind in kinds for place in _find_unbounded(kind(), kind.__name__)] == []


def test_an_unbounded_field_is_found() -> None:
    class Wide(serializers.Serializer[object]):
        text = serializers.CharField()
        names = serializers.ListField(child=serializers.CharField(max_length=3))
        more = serializers.DictField()

    class WrappingSerializer(serializers.Serializer[object]):
        inner = Wide()
        fine = serializers.CharField(max_length=3)

    assert list(_find_unbounded(WrappingSerializer(), "it")) == ["it.inner.text", "it.inner.names", "it.inner.more"]


def _ours(kind: type[Any]) -> Iterator[type[serializers.Serializer[Any]]]:
    for each in kind.__subclasses__():
        if each.__module__.split(".")[0] in PACKAGES:
            yield each
        yield from _ours(each)


def _find_unbounded(field: serializers.Field, place: str) -> Iterator[str]:  # type: ignore[type-arg]
    if field.read_only:
        return
    if isinstance(field, serializers.Serializer):
        for name, inner in field.fields.items():
            yield from _find_unbounded(inner, f"{place}.{name}")
    elif isinstance(field, MappingField):  # of as many entries as there are fields
        yield from _find_unbounded(field.child, f"{place}.*")
    elif isinstance(field, serializers.DictField | serializers.JSONField) or (
        isinstance(field, serializers.CharField | serializers.ListField) and field.max_length is None
    ):
        yield place
