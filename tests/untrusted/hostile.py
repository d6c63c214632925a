"""What takes more than a line of the table: attacks that several rows share, and parsers behind a form or a view."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.test import RequestFactory
from rest_framework import serializers

from agents.api.serializers import StartSerializer
from netra.accounts.adminsearch import is_too_long
from netra.accounts.api.tokens import WantedSerializer
from netra.accounts.devices import known_user
from netra.accounts.formlimits import CHARACTERS
from netra.core.api.strict import NoFields
from netra.core.exceptions import BadInput
from netra.core.jsontext import parse_json, require_storable
from netra.core.names import check_shape, name_key, read_id
from netra.core.secrets import scrubbed
from netra.language.text import quoted
from netra.operating.answer import MOMENT
from netra.operating.api.serializers import GiveSerializer
from netra.server.bodies import body_limit, decoded_path
from netra.server.scopes import ScopeNormalizer
from netra.undecodable import UndecodableMiddleware
from realtime import frames
from realtime.api.events import AfterSerializer
from tests.untrusted.reception import RefusedUnparsed
from tests.untrusted.shapes import Shape, repeated
from tools.audit.lookup import SUBJECT
from tools.disclosure import Disclosure
from tools.kinds import Kind
from workloads.api.serializers import ReadSerializer

ADMIN_SEARCHES = (
    "agents/admin.py",
    "legacy/admin/rule.py",
    "legacy/admin/runpath.py",
    "legacy/admin/shadowresult.py",
    "legacy/admin/use.py",
    "legacy/admin/version.py",
    "netra/accounts/admin.py",
    "netra/core/admin/event.py",
    "netra/core/admin/incident.py",
    "netra/core/admin/user.py",
    "netra/operating/admin/consents.py",
    "tools/admin.py",
    "tools/audit/admin.py",
    "tools/policy/admin/policy.py",
    "tools/policy/admin/subscription.py",
    "tools/policy/admin/version.py",
    "tools/spending/admin.py",
    "workloads/admin.py",
)
TOOL_INPUTS = (
    "tools/base.py",
    "tools/combine_levers.py",
    "tools/estimate_lever.py",
    "netra/operating/tools/ask_consent.py",
    "netra/operating/tools/cancel_run.py",
    "netra/operating/tools/change_grant.py",
    "netra/operating/tools/inspect_runs.py",
    "netra/operating/tools/prune.py",
    "netra/operating/tools/read_conversation.py",
    "netra/operating/tools/usage_by_user.py",
)
QUESTIONS: Mapping[str, Shape] = {
    "not without end": repeated("not"),
    "keep and clauses": repeated("keep a. "),
    "nearly guarded": repeated("not p9 "),
    "numbers": repeated("1"),
    "decimals": repeated("1,1 "),
    "one long decimal": repeated("1", before="save 1."),
    "a number and blanks": repeated(" ", before="save 1", after="x"),
    "numbers and blanks": repeated("1  "),
    "halves": repeated("hal"),
    "beginnings": repeated("optimi"),
    "saving": repeated("sav"),
}


def part_path(text: str) -> object:
    return body_limit("PATCH", decoded_path(text.encode("ascii", "replace")), has_credentials=True)


def device(text: str) -> object:
    request = RequestFactory().get("/")
    request.COOKIES[settings.NETRA_DEVICE_COOKIE] = text
    return known_user(request)


def undecodable(text: str) -> object:
    request = RequestFactory().generic("GET", "/", QUERY_STRING=text)
    return UndecodableMiddleware(lambda _: None).process_request(request)  # type: ignore[arg-type]


def normalized(text: str) -> object:
    value = text.encode("latin-1", "replace")
    headers = [(b"host", value), (b"x-forwarded-for", value), (b"forwarded", value)]
    proxied = settings.NETRA.model_copy(update={"behind_proxy": True})
    scope = {"type": "http", "headers": headers, "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80]}
    return ScopeNormalizer(proxied).normalize(scope)


def client_json(text: str) -> object:
    value = parse_json(text, max_bytes=1024**2)
    require_storable(value)
    return value


def unknown_fields(text: str) -> object:
    return NoFields(data=_many(text)).is_valid()


def user_name(text: str) -> object:
    read_id(text)
    name_key(text)
    check_shape(text)
    return text


def sign_in(text: str) -> object:
    if len(text) > CHARACTERS:
        raise RefusedUnparsed  # tests/untrusted/test_reception.py holds the server to it
    return text.lower()


def wanted_token(text: str) -> object:
    return WantedSerializer(data={"days": text}).is_valid()


def given_consent(text: str) -> object:
    return GiveSerializer(data={"hours": text}).is_valid()


def position(text: str) -> object:
    return AfterSerializer(data={"epoch": text, "after": text, "limit": text}).is_valid()


def assumed(text: str) -> object:
    prices = {"price_in": text, "price_out": text, "discount_percent": text, "assume_model": text}
    return StartSerializer(data={"text": "a", "assumptions": prices}).is_valid()


def read_by(kind: type[serializers.Serializer[Any]], field: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        given = kind(data={"size": 1, field: text})
        if not given.is_valid() and any(error.code == "max_length" for error in given.errors.get(field, ())):
            raise BadInput(quoted(str(given.errors)))
        return given

    return run


def admin_search(parameter: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        if is_too_long(RequestFactory().get("/admin/", {parameter: text})):
            raise RefusedUnparsed
        return text.split()

    return run


def _many(text: str) -> Mapping[str, str]:
    return {f"{text[:3]}{place}": "a" for place in range(len(text) // 8)}


def frame_of_fields(text: str) -> object:
    return frames.parse(json.dumps({"type": "ping", **_many(text)}))


def mapped(text: str) -> object:
    return ReadSerializer(data={"mapping": _many(text)}).is_valid()


def columns(parse: Callable[[Sequence[str]], object]) -> Callable[[str], object]:
    return lambda text: parse(tuple(_many(text)))


def failed_reading(text: str) -> object:
    # As workloads.ingest has it, which needs a file and a process around it.
    return re.sub(r"(?<!\w)[\"']?/[^\s\"']+[\"']?", "the file", text.partition("\n")[0])[:300]


def within_one_another(text: str) -> object:
    """JSON in a string of JSON, as deep as the length allows: each level's escapes double the one before."""
    told, most = json.dumps({"password": "a"}), len(text)
    while len(told) < most:
        told = json.dumps([told])
    return scrubbed(told)


def naming(*marks: str) -> Callable[[str], object]:
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    return lambda text: word.sub("somebody", text)


def moment(text: str) -> object:
    return MOMENT.match(text)


def subject(text: str) -> object:
    return SUBJECT.fullmatch(text)


def disclosed(text: str) -> object:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return frozenset(word for word in words if word.lower() == "ana lind")

    return asyncio.run(Disclosure(find).of(text, frozenset({Kind.FIGURES}), len(text)))
