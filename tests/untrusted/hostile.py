"""Attacks that several rows share, and parsers behind a form or a view, which take more than a line of the table."""

import asyncio
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import RequestFactory
from rest_framework import serializers

from accounts.admin_site import is_search_too_long
from accounts.api import CreateTokenSerializer
from accounts.attempt_limits import find_last_user
from agents.answers.backing.known_figures import build_known_figures
from agents.answers.backing.matching import find_unbacked_numbers
from agents.api.serializers import StartSerializer
from agents.downloads import Conversation, Exchange, to_markdown
from agents.language.questions import build_known_logs, read_question
from agents.language.reading import Turn
from agents.models import Thread
from core.api.serializers import NoFields
from core.exceptions import BadInput
from core.i18n.language import ENGLISH
from core.i18n.text import verbatim_text
from core.json_data import parse_json, require_storable
from core.models import User
from core.redaction import redact
from core.username_rules import check_shape, parse_id, to_name_key
from core.users import compile_mentions
from netra.middleware.validation import MAX_FIELD_CHARACTERS, UndecodableMiddleware
from netra.server.limits import decode_path, get_body_limit
from netra.server.scopes import ScopeNormalizer
from operators.api import GiveConsentSerializer
from operators.rendering import ISO_TIMESTAMP
from realtime import protocol
from realtime.api.stream import EventsQuerySerializer
from tests.agents.language.small_log import GRAMMAR, KNOWN, describe
from tests.untrusted.reception import UnparsedRefusal
from tests.untrusted.shapes import Shape, repeat
from tools.audit.queries import SUBJECT_PATTERN
from tools.base import DataKind
from tools.disclosure import Disclosure
from workloads.api.assumptions import AssumptionsSerializer
from workloads.api.serializers import RereadSerializer
from workloads.ingest.bounds import DEFAULT_BOUNDS
from workloads.ingest.reading.documents.flattening import FlatColumns, _iter_file_rows, flatten_row

ADMIN_SEARCHES = (
    "agents/admin.py",
    "legacy/admin.py",
    "accounts/admin.py",
    "core/admin/records.py",
    "core/admin/records.py",
    "core/admin/user.py",
    "operators/admin.py",
    "tools/admin.py",
    "tools/audit/admin.py",
    "tools/policy/admin.py",
    "tools/spending/admin.py",
    "workloads/admin.py",
)
TOOL_INPUTS = (
    "tools/base.py",
    "tools/builtin/compare_model.py",
    "tools/builtin/lever_tools.py",
    "tools/builtin/measure_group_savings.py",
    "operators/tools/ask_consent.py",
    "operators/tools/cancel_run.py",
    "operators/tools/change_grant.py",
    "operators/tools/inspect_runs.py",
    "operators/tools/prune.py",
    "operators/tools/read_conversation.py",
    "operators/tools/usage_by_user.py",
)
ANSWERS: Mapping[str, Shape] = {
    "answers": repeat("a can wait, "),
    "names": repeat("a and ", after=" can wait"),
    "first words": repeat("and the ", after="x can wait"),
    "blanks": repeat(" ", before="x", after="can wait"),
    "quotes": repeat('" ', before='"', after='" can wait'),
    "forgotten": repeat(" a", before="forget what I said about", after="."),
}
LIMITS: Mapping[str, Shape] = {
    "exclusions": repeat("without "),
    "models": repeat("the ", before="without changing "),
    "names": repeat("a and ", before="never touch "),
    "amounts": repeat("save $1 "),
    "percentages": repeat("1% ", before="without losing "),
    "blanks": repeat(" ", before="don't touch", after="x"),
}
KNOWN_LOGS = KNOWN
GRAMMAR_ATTACKS: Mapping[str, Shape] = {
    "names": repeat("gpt-4o "),
    "nearly names": repeat("suport "),
    "halves of a month": repeat("first half "),
    "weekdays": repeat("weekday weekend "),
    "times": repeat("last week and 3 May to 4 May "),
    "operators": repeat("more than 5 tokens per "),
    "questions": repeat("and how many, "),
    "unknown names": repeat("team x-y "),
    "numbers with units": repeat("5s 1.5ms 50k "),
    "nearly a number with a unit": repeat("1.", after="x"),
    "what money went into": repeat("what did we spend, and on what for whom, "),
}
NAMED_ATTACKS: Mapping[str, Shape] = {
    "names in a list": repeat("m1 or m2 "),
    "parts of names that fit no word": repeat("the-aa "),
    "codes of errors": repeat("429s "),
    "kinds of errors": repeat("timeouts "),
    "small words": repeat("the the-"),
}
QUESTIONS: Mapping[str, Shape] = {
    "not without end": repeat("not"),
    "keep and clauses": repeat("keep a. "),
    "nearly guarded": repeat("not p9 "),
    "numbers": repeat("1"),
    "decimals": repeat("1,1 "),
    "one long decimal": repeat("1", before="save 1."),
    "a number and blanks": repeat(" ", before="save 1", after="x"),
    "numbers and blanks": repeat("1  "),
    "halves": repeat("hal"),
    "beginnings": repeat("optimi"),
    "saving": repeat("sav"),
}


def question_about_its_words(text: str) -> object:
    """Read a question about a log that has its words as names: the more, and the longer, the longer the question is."""
    words = tuple(dict.fromkeys(text.split()))[:1_000]
    values = {
        "model": tuple(word for word in words if word != "or"),
        "feature": tuple(f"{text[4:200]}{place}" for place in range(50)),
        "error": tuple(f"429 timeout {place}" for place in range(len(text) // 2)),
    }
    return read_question(text, GRAMMAR, build_known_logs([describe(values, None, None)]))


FOLLOW_UPS: Mapping[str, Shape] = {
    "what money went into": repeat("what exactly does it spend the money on "),
    "a part of that": repeat("how much of that is output "),
    "it": repeat("for it "),
}


def follow_up(text: str) -> object:
    """Read a question after one that a feature came first in."""
    first = read_question("Which feature costs most?", GRAMMAR, KNOWN)
    return read_question(text, GRAMMAR, KNOWN, earlier=(Turn(reading=first, subject=("feature", "search-chat")),))


def part_path(text: str) -> object:
    return get_body_limit("PATCH", decode_path(text.encode("ascii", "replace")), has_credentials=True)


def device(text: str) -> object:
    request = RequestFactory().get("/")
    request.COOKIES[settings.NETRA_DEVICE_COOKIE] = text
    return find_last_user(request)


def undecodable(text: str) -> object:
    request = RequestFactory().generic("GET", "/", QUERY_STRING=text)
    return UndecodableMiddleware(lambda _: None).process_request(request)  # type: ignore[arg-type]


def normalize_headers(text: str) -> object:
    value = text.encode("latin-1", "replace")
    headers = [(b"host", value), (b"x-forwarded-for", value), (b"forwarded", value)]
    proxied = settings.NETRA.model_copy(update={"behind_proxy": True})
    scope = {"type": "http", "headers": headers, "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80]}
    return ScopeNormalizer(proxied).normalize(scope)


def json_rows(text: str) -> object:
    columns = FlatColumns(DEFAULT_BOUNDS)
    return [flatten_row(row, columns) for row in _iter_file_rows(io.BytesIO(text.encode()))]


def client_json(text: str) -> object:
    value = parse_json(text, max_bytes=1024**2)
    require_storable(value)
    return value


def unknown_fields(text: str) -> object:
    return NoFields(data=_many(text)).is_valid()


def user_name(text: str) -> object:
    parse_id(text)
    to_name_key(text)
    check_shape(text)
    return text


def sign_in(text: str) -> object:
    if len(text) > MAX_FIELD_CHARACTERS:
        raise UnparsedRefusal  # tests/untrusted/test_reception.py holds the server to it
    return text.lower()


def wanted_token(text: str) -> object:
    return CreateTokenSerializer(data={"days": text}).is_valid()


def given_consent(text: str) -> object:
    return GiveConsentSerializer(data={"hours": text}).is_valid()


def position(text: str) -> object:
    return EventsQuerySerializer(data={"epoch": text, "after": text, "limit": text}).is_valid()


def validate_assumptions(text: str) -> object:
    prices = {"price_in": text, "price_out": text, "discount_percent": text, "assume_model": text}
    return StartSerializer(data={"text": "a", "assumptions": prices}).is_valid()


def kept_with_log(text: str) -> object:
    price = {"model": text, "output": text, "discount_percent": text}
    entries = {
        "model_names": [{"name": text, "model": text}],
        "answers": [{"lever": text, "scope": text, "value": text}],
    }
    return AssumptionsSerializer(data={"model_prices": [price], **entries}).is_valid()


def write_conversation(text: str) -> str:
    exchange = Exchange(question=text, asked_at=datetime.now(UTC), state="failed", answer="", failure=text)
    conversation = Conversation(thread=Thread(title=text[:200]), exchanges=(exchange,), complete=True)
    return to_markdown(conversation, ENGLISH)


def read_by(kind: type[serializers.Serializer[Any]], field: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        given = kind(data={"size": 1, field: text})
        if not given.is_valid() and any(error.code == "max_length" for error in given.errors.get(field, ())):
            raise BadInput(verbatim_text(str(given.errors)))
        return given

    return run


def admin_search(parameter: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        if is_search_too_long(RequestFactory().get("/admin/", {parameter: text})):
            raise UnparsedRefusal
        return text.split()

    return run


def _many(text: str) -> Mapping[str, str]:
    return {f"{text[:3]}{place}": "a" for place in range(len(text) // 8)}


def frame_of_fields(text: str) -> object:
    return protocol.parse_frame(json.dumps({"type": "ping", **_many(text)}))


def validate_mapping(text: str) -> object:
    return RereadSerializer(data={"mapping": _many(text)}).is_valid()


def columns(parse: Callable[[Sequence[str]], object]) -> Callable[[str], object]:
    return lambda text: parse(tuple(_many(text)))


def failed_reading(text: str) -> object:
    # As workloads.ingest.pipeline has it, which needs a file and a process around it.
    return re.sub(r"(?<!\w)[\"']?/[^\s\"']+[\"']?", "the file", text.partition("\n")[0])[:300]


def within_one_another(text: str) -> object:
    """JSON in a string of JSON, as deep as the length allows: each level's escapes double the one before."""
    told, most = json.dumps({"password": "a"}), len(text)
    while len(told) < most:
        told = json.dumps([told])
    return redact(told)


def naming(name: str, address: str) -> Callable[[str], object]:
    word = compile_mentions(User(username=name, email=address))
    return lambda text: word.sub("somebody", text)


def moment(text: str) -> object:
    return ISO_TIMESTAMP.match(text)


def subject(text: str) -> object:
    return SUBJECT_PATTERN.fullmatch(text)


NAMED_ROWS = {
    "columns": [{"name": "Model", "unit": ""}, {"name": "Spend", "unit": "usd"}],
    "rows": [[name, "5.55"] for name in ("gpt-4o", "o3-mini", "gpt-4o-mini-2024-07-18")],
}


def numbers_of_a_model(text: str) -> object:
    return find_unbacked_numbers(text, build_known_figures([NAMED_ROWS, {text[:300]: 1}]))


def redact_names(text: str) -> object:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return frozenset(word for word in words if word.lower() == "ana lind")

    return asyncio.run(Disclosure(find).redact_result(text, frozenset({DataKind.FIGURES}), len(text)))
