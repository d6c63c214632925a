"""Every parser of untrusted text, and how it is attacked. A module that parses and is not named here fails a test."""

import json
from functools import partial
from uuid import UUID

from agents.api.serializers import StartSerializer, ThreadSerializer
from agents.ask import Verdict, read_ask, understood
from agents.runs import MAX_MESSAGE
from agents.threads import SEARCH_CHARS, found
from netra.accounts import adminsearch, formlimits
from netra.core.api.authentication import TOKEN
from netra.core.exceptions import BadInput
from netra.core.jsonable import capped, storable
from netra.core.networks import narrow_network
from netra.core.pages import _parse_cursor
from netra.core.secrets import scrubbed, scrubbed_words
from netra.core.sessions import KEY
from netra.headerlimits import MOST, OTHERS
from netra.language import echo
from netra.language.languages import asked_for, language_of
from netra.operating.admission import _unsaid
from netra.operating.orders import calls_of, is_order
from realtime import frames
from realtime.limits import FRAME_BYTES
from tests.untrusted import hostile, reception
from tests.untrusted.reception import RefusedUnparsed, header
from tests.untrusted.row import Parser
from tests.untrusted.shapes import MANY, nested, repeated
from tools.arguments import data_of, parsed
from tools.catalog import TOOLS
from tools.policy.asking import arguments_of
from workloads import escape, granularity, names
from workloads.api.serializers import BeginSerializer, NameSerializer
from workloads.csvexport import cell
from workloads.detect import choose
from workloads.formats.catalog import FORMATS
from workloads.mapping import check_fields, parse_mapping, propose, resolve
from workloads.modelnames import Catalogue

NOBODY = UUID("00000000-0000-4000-8000-000000000001")
SEARCHED = ("netra/accounts/adminsearch.py", *hostile.ADMIN_SEARCHES)
LANGUAGE = ("netra/language/languages.py", "netra/core/spoken.py", "netra/translated.py", "netra/server/refusals.py")
REDACTION = ("netra/core/secrets.py", "netra/core/patterns.py")
SECRETS = {
    "names of secrets": repeated("password"),
    "names and backslashes": repeated("password\\\\"),
    "one name and backslashes": repeated("\\", before="password"),
    "names and values": repeated("api_key=a "),
    "open quotes": repeated('token="'),
    "keys": repeated("sk-aaaaaaaaaaaaaaA1"),
    "beginnings of keys": repeated("sk-"),
    "a key that is none": repeated("a-", before="sk-"),
    "beginnings of tokens": repeated("eyJ"),
    "tokens": repeated("eyJaaaaaaa."),
    "bearers": repeated("bearer "),
    "basics": repeated("basic AAAAAAAA"),
    "addresses": repeated("://"),
    "addresses with names": repeated("://a:"),
    "an address without an end": repeated("a:", before="://"),
    "private keys": repeated("-----BEGIN PRIVATE KEY-----"),
    "beginnings of private keys": repeated("-----BEGIN "),
    "one private key": repeated("-", before="-----BEGIN PRIVATE KEY-----"),
}

PARSERS = (
    # --- headers, before anybody is known; in a handshake on the event loop
    Parser(
        name="Accept-Language",
        modules=LANGUAGE,
        run=asked_for,
        attacks={
            "one tag of many parts": repeated("a-"),
            "parts of a tag": repeated("a_"),
            "tags": repeated("aa,"),
            "weights": repeated("de;q=0.1,"),
            "a weight": repeated("1", before="de;q=0."),
        },
    ),
    Parser(name="tag of a language", modules=LANGUAGE[:1], run=language_of, attacks={"parts": repeated("a-")}),
    Parser(
        name="lengths of headers",
        modules=("netra/headerlimits.py", "netra/application.py"),
        run=header("x-any", len),
        most=OTHERS,
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Cookie",
        modules=("netra/headerlimits.py", "realtime/door.py"),
        run=header("cookie", reception.cookies),
        attacks={
            "escapes": repeated("\\", before='a="', after='"'),
            "escapes in many": repeated('a="\\"; '),
            "octal escapes": repeated("\\1", before='a="', after='"'),
        },
        most=MOST[b"cookie"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Host",
        modules=("netra/headerlimits.py",),
        run=header("host", reception.host),
        most=MOST[b"host"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Origin",
        modules=("realtime/door.py",),
        run=header("origin", {"https://netra.example.com"}.__contains__),
        most=MOST[b"origin"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Authorization",
        modules=("realtime/door.py", "netra/metrics.py"),
        run=header("authorization", reception.authorization),
        most=MOST[b"authorization"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Accept",
        modules=("netra/headerlimits.py",),
        run=header("accept", reception.accept),
        attacks={"types": repeated("a/b,"), "parameters": repeated(";", before="a/b")},
        most=MOST[b"accept"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Content-Type",
        modules=("netra/headerlimits.py",),
        run=header("content-type", reception.content_type),
        attacks={"parameters": repeated(";a=", before="a/b"), "quotes": repeated('";', before='a/b;a="')},
        most=MOST[b"content-type"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Range",
        modules=("netra/static.py",),
        run=header("range", reception.ranges),
        attacks={"digits": repeated("9", before="bytes=")},
        most=MOST[b"range"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="If-Modified-Since",
        modules=("netra/static.py",),
        run=header("if-modified-since", reception.date),
        most=MOST[b"if-modified-since"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Content-Length",
        modules=("netra/bodies.py",),
        run=header("content-length", int),
        most=MOST[b"content-length"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="Upload-Offset, Upload-Fingerprint",
        modules=("workloads/api/part.py", "workloads/api/uploads.py"),
        run=header("upload-offset", int),
        most=MOST[b"upload-offset"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="If-None-Match",
        modules=("netra/schema.py",),
        run=header("if-none-match", reception.etags),
        attacks={"marks": repeated('W/"",')},
        most=MOST[b"if-none-match"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="address of a client",
        modules=("netra/anonymous.py", "netra/core/networks.py"),
        run=narrow_network,
        attacks={"groups": repeated("a:"), "zones": repeated("%", before="::1")},
    ),
    Parser(
        name="browsers in which somebody signed in before",
        modules=("netra/accounts/devices.py",),
        run=header("cookie", hostile.device),
        attacks={"signatures": repeated("a:")},
        most=MOST[b"cookie"],
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="path of a part of an upload",
        modules=("netra/server/bodies.py", "netra/server/channels.py"),
        run=hostile.part_path,
        attacks={"slashes": repeated("/", before="/api/uploads/"), "a name": repeated("a", before="/api/uploads/")},
    ),
    # --- parameters and bodies
    Parser(
        name="query of an address",
        modules=("realtime/api/events.py", "realtime/api/snapshot.py", "agents/api/calls.py"),
        run=reception.query,
    ),
    Parser(
        name="body in JSON",
        modules=("agents/api/runs.py", "workloads/api/workloads.py", "netra/operating/api/consents.py"),
        run=reception.json_body,
        attacks={"lists": nested("[", "]"), "objects": nested('{"a":', "}", "1"), "a number": repeated("9")},
    ),
    Parser(
        name="body in parts",
        modules=("netra/accounts/views/tokens.py", "netra/operating/admin/threads.py", "tools/policy/admin/policy.py"),
        run=reception.multipart_body,
    ),
    Parser(
        name="a value in a body in parts",
        modules=("legacy/admin/rule.py", "tools/policy/admin/why.py"),
        run=reception.multipart_value,
    ),
    Parser(
        name="fields of the sign-in",
        modules=("netra/accounts/formlimits.py",),
        run=hostile.sign_in,
        most=formlimits.CHARACTERS,
        refusal=RefusedUnparsed,
        attacks={"marks in no order": repeated("\u0301\u0323")},
    ),
    Parser(
        name="id of a token",
        modules=("netra/accounts/api/tokens.py",),
        run=hostile.wanted_token,
    ),
    Parser(name="id of a consent", modules=("netra/operating/api/serializers.py",), run=hostile.given_consent),
    Parser(
        name="position in the stream",
        modules=("realtime/api/events.py", "realtime/api/snapshot.py"),
        run=hostile.position,
        attacks={"digits": repeated("9")},
    ),
    Parser(
        name="address and type of a request",
        modules=("netra/undecodable.py",),
        run=hostile.undecodable,
        attacks={"broken bytes": repeated("%ff")},
    ),
    Parser(
        name="what proxies and hosts say",
        modules=("netra/server/scopes.py", "netra/server/proxies.py"),
        run=hostile.normalized,
        attacks={"addresses": repeated("1.1.1.1,"), "brackets": repeated("[::1],")},
    ),
    Parser(
        name="token",
        modules=("netra/core/api/authentication.py",),
        run=lambda words: TOKEN.fullmatch(words.encode("utf-8", "replace")),
    ),
    Parser(name="key of a session", modules=("netra/core/sessions.py",), run=KEY.fullmatch),
    Parser(
        name="JSON of clients",
        modules=("netra/core/jsontext.py", "netra/core/api/parsing.py"),
        run=hostile.client_json,
        attacks={
            "lists": nested("[", "]"),
            "wide lists": repeated("[],", before="[", after="0]"),
            "a number": repeated("9"),
        },
    ),
    Parser(
        name="fields that there are not",
        modules=("netra/core/api/strict.py",),
        run=hostile.unknown_fields,
        shapes=MANY,
    ),
    Parser(
        name="name of a user",
        modules=("netra/core/names.py", "netra/core/admin/userforms.py"),
        run=hostile.user_name,
        attacks={"marks in no order": repeated("\u0301\u0323"), "separators": repeated("a.")},
    ),
    Parser(
        name="what a remote model gets of a result",
        modules=("tools/disclosure.py",),
        run=hostile.disclosed,
        attacks={"words": repeated("ana "), "separators": repeated("-"), "names": repeated("ana lind, ")},
    ),
    Parser(
        name="where a page of a list begins",
        modules=("netra/core/pages.py", "netra/core/api/paging.py"),
        run=_parse_cursor,
        attacks={"digits": repeated("9"), "an id": repeated("0", before="1-")},
    ),
    # --- searches
    Parser(
        name="search for conversations",
        modules=("agents/threads.py", "agents/api/threads.py"),
        run=lambda words: str(found(NOBODY, words).query),
        attacks={"words": repeated("a b "), "one word": repeated("a"), "wild cards": repeated("%")},
        most=SEARCH_CHARS,
        refusal=BadInput,
    ),
    Parser(
        name="search in the administration",
        modules=SEARCHED,
        run=hostile.admin_search("q"),
        size=1_000,
        attacks={"words": repeated("a "), "quotes": repeated('" ')},
        most=adminsearch.CHARACTERS,
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="completions in the administration",
        modules=SEARCHED,
        run=hostile.admin_search("term"),
        size=1_000,
        most=adminsearch.CHARACTERS,
        refusal=RefusedUnparsed,
    ),
    Parser(
        name="columns that the administration sorts by",
        modules=SEARCHED[:1],
        run=hostile.admin_search("o"),
        size=1_000,
        attacks={"columns": repeated("1.")},
    ),
    Parser(
        name="days on the page of a migration",
        modules=("legacy/admin/statuspage.py",),
        run=("1", "7", "30", "90").__contains__,
    ),
    # --- questions
    Parser(
        name="question",
        modules=("agents/ask.py", "agents/triage.py"),
        run=read_ask,
        attacks=hostile.QUESTIONS,
        size=4_000,
    ),
    Parser(
        name="question beside a model's verdict",
        modules=("agents/ask.py",),
        run=partial(understood, Verdict(category="cost", intent="save", goal_percent=30, guard="p95")),
        attacks=hostile.QUESTIONS,
        shapes={},
        size=4_000,
    ),
    Parser(
        name="question that the page offers in another language",
        modules=("netra/language/echo.py",),
        run=lambda words: echo.english_of(words, "Um {a} und {b} und {c} weniger", "By {a}, {b} and {c}"),
        attacks={"fields": repeated(" und ", before="Um "), "an end": repeated(" weniger", before="Um ")},
        most=echo.LONGEST,
    ),
    Parser(
        name="order of an operator",
        modules=("netra/operating/orders.py",),
        run=lambda words: (is_order(words), calls_of(words)),
        attacks={
            "words": repeated("a "),
            "runs": repeated("a ", before="/ops cancel "),
            "users": repeated("a ", before="/ops usage "),
            "reasons": repeated(" because ", before="/ops ask "),
            "digits": repeated("9", before="/ops usage "),
        },
    ),
    Parser(
        name="names in an operator's words",
        modules=("netra/operating/admission.py",),
        run=lambda words: _unsaid(("ana", words[:100]), words),
        attacks={"signs": repeated("."), "words": repeated("a. ")},
    ),
    Parser(
        name="fields of a question",
        modules=("agents/api/serializers.py", "agents/api/runs.py", "realtime/acting.py"),
        run=hostile.read_by(StartSerializer, "text"),
        most=MAX_MESSAGE,
        refusal=BadInput,
    ),
    Parser(
        name="prices beside a question",
        modules=("agents/api/serializers.py",),
        run=hostile.assumed,
        attacks={"digits": repeated("9"), "places": repeated("1", before="0."), "powers": repeated("9", before="1e")},
    ),
    Parser(
        name="title of a conversation",
        modules=("agents/api/threads.py",),
        run=hostile.read_by(ThreadSerializer, "title"),
        most=200,
        refusal=BadInput,
    ),
    # --- frames
    Parser(
        name="frame",
        modules=("realtime/frames.py",),
        run=frames.parse,
        attacks={
            "lists": nested("[", "]"),
            "a question": repeated("a", before='{"type":"start","id":"a","text":"', after='"}'),
            "escapes": repeated("\\u0061", before='{"type":"ping","id":"', after='"}'),
        },
        most=FRAME_BYTES,
        refusal=frames.BadFrame,
    ),
    Parser(name="frame of many fields", modules=("realtime/frames.py",), run=hostile.frame_of_fields, shapes=MANY),
    # --- logs: names, mappings, columns
    Parser(
        name="name of a file",
        modules=("workloads/names.py",),
        run=names.shown,
        attacks={"controls": repeated("\x01"), "turned": repeated("\u202e")},
    ),
    Parser(
        name="name of a file that is announced",
        modules=("workloads/api/serializers.py", "workloads/api/uploads.py"),
        run=hostile.read_by(BeginSerializer, "name"),
        most=4096,
        refusal=BadInput,
    ),
    Parser(
        name="new name of a log",
        modules=("workloads/api/serializers.py", "workloads/api/workloads.py"),
        run=hostile.read_by(NameSerializer, "name"),
        most=255,
        refusal=BadInput,
    ),
    Parser(
        name="mapping of many fields",
        modules=("workloads/api/serializers.py", "workloads/mapping.py"),
        run=hostile.mapped,
        shapes=MANY,
    ),
    Parser(
        name="mapping in words",
        modules=("workloads/mapping.py",),
        run=lambda words: parse_mapping([words]),
        attacks={"equals": repeated("=", before="input_tokens=")},
    ),
    Parser(name="fields of a mapping", modules=("workloads/mapping.py",), run=lambda words: check_fields([words])),
    Parser(
        name="columns of a file",
        modules=("workloads/mapping.py", "workloads/detect.py", "workloads/formats/base.py"),
        run=hostile.columns(lambda columns: (choose(columns, None), propose(FORMATS["tabular"], columns))),
        shapes=MANY,
    ),
    Parser(
        name="columns of a file and a mapping",
        modules=("workloads/mapping.py",),
        run=hostile.columns(lambda columns: resolve(FORMATS["tabular"], columns, {"model": "a.b", "user": "nobody"})),
        shapes=MANY,
    ),
    Parser(
        name="column that may tell how many requests a row is of",
        modules=("workloads/granularity.py",),
        run=granularity._plain,
        most=100,
    ),
    Parser(
        name="name of a model",
        modules=("workloads/modelnames.py", "workloads/cacheterms.py"),
        run=Catalogue().find,
        attacks={"slashes": repeated("/"), "prefixes": repeated("a/"), "a prefix": repeated("anthropic.")},
        most=200,
    ),
    Parser(
        name="name like a model's",
        modules=("workloads/modelnames.py",),
        run=Catalogue().similar,
        attacks={"models": repeated("gpt-4o-"), "a letter": repeated("a")},
        most=200,
    ),
    Parser(name="what a failed reading says", modules=("workloads/ingest.py",), run=hostile.failed_reading),
    # --- what is shown, told and stored
    Parser(
        name="names in Markdown",
        modules=("workloads/escape.py",),
        run=escape.name,
        attacks={"links": repeated("http://"), "mails": repeated("mailto:")},
        most=escape.LONGEST_NAME,
    ),
    Parser(
        name="sentences in Markdown",
        modules=("workloads/escape.py",),
        run=escape.prose,
        attacks={"links": repeated("www."), "emphasis": repeated("*_")},
        most=escape.LONGEST_TEXT,
    ),
    Parser(name="lines for a terminal", modules=("workloads/escape.py",), run=escape.visible),
    Parser(name="cells for a spreadsheet", modules=("workloads/csvexport.py",), run=cell),
    Parser(name="redaction of words", modules=REDACTION, run=scrubbed_words, attacks=SECRETS),
    Parser(
        name="redaction of JSON",
        modules=(*REDACTION, "tools/results.py"),
        run=lambda words: scrubbed(json.dumps({"text": words, words: "password"}, ensure_ascii=False)),
        attacks=SECRETS,
    ),
    Parser(name="redaction of broken JSON", modules=REDACTION, run=lambda words: scrubbed('{"' + words)),
    Parser(name="redaction of JSON within JSON", modules=REDACTION, run=hostile.within_one_another, shapes=MANY),
    Parser(name="text for a database", modules=("netra/core/jsonable.py",), run=storable),
    Parser(name="result of a tool", modules=("netra/core/jsonable.py",), run=lambda words: capped(words, 1000)),
    Parser(
        name="arguments of a call",
        modules=("tools/arguments.py",),
        run=lambda words: data_of({"name": words}),
    ),
    Parser(
        name="arguments of a call that fit no tool",
        modules=("tools/arguments.py", *hostile.TOOL_INPUTS),
        run=lambda words: [parsed(tool, {words: words, "name": words, "names": [words]}) for tool in TOOLS.values()],
    ),
    Parser(
        name="arguments that an operator asks about",
        modules=("tools/policy/asking.py",),
        run=lambda words: arguments_of(TOOLS["estimate_lever"], words),
        attacks={"lists": nested("[", "]")},
    ),
    Parser(
        name="words that may name who is erased",
        modules=("netra/accounts/adminlog.py", "tools/policy/forgetting.py", "legacy/rollout/forgetting.py"),
        run=hostile.naming("ana", "ana@example.com"),
        attacks={"names": repeated("ana"), "addresses": repeated("ana@"), "signs": repeated(".ana")},
    ),
    Parser(name="moments in an answer", modules=("netra/operating/answer.py",), run=hostile.moment),
    Parser(
        name="subject of the audit",
        modules=("tools/audit/lookup.py",),
        run=hostile.subject,
        attacks={"digits": repeated("0")},
    ),
)
