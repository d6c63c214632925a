"""Every parser of untrusted text, and how it is attacked. A module that parses and is not named here fails a test."""

import datetime
import json
from functools import partial
from uuid import UUID

from accounts import admin_site
from accounts.sessions import SESSION_KEY
from agents.answers.operating import answer_wish
from agents.answers.spoken_asks import say_ask
from agents.answers.two_logs import OtherLog, find_other_logs
from agents.api.runs import FeedbackChangeSerializer
from agents.api.serializers import StartSerializer, ThreadSerializer
from agents.feedback import MAX_REASON
from agents.language.questions import load_grammar, read_question
from agents.language.tokens import MAX_CHARACTERS
from agents.llm.partial_texts import cut_unfinished
from agents.run_conditions import MAX_MESSAGE
from agents.team.intent import AskClassification, classify_ask, correct_classification
from agents.team.question_limits import parse_limits
from agents.threads import SEARCH_CHARS, search_threads
from agents.wording.model_answer import clean_words, is_written_call
from core.api.authentication import TOKEN_PATTERN
from core.api.pagination import _parse_cursor
from core.exceptions import BadInput
from core.i18n import language
from core.i18n.language import match_language, negotiate_language
from core.json_data import to_storable, truncate_json
from core.networks import to_narrow_network
from core.redaction import redact, redact_text
from netra.middleware import validation
from netra.server.headers import MAX_HEADER_BYTES, MAX_OTHER_HEADER_BYTES
from operators.admission import _find_unmentioned
from operators.commands import is_command, parse_command
from realtime import protocol
from realtime.limits import FRAME_BYTES
from tests.untrusted import hostile, reception
from tests.untrusted.parser_row import Parser
from tests.untrusted.reception import UnparsedRefusal, header
from tests.untrusted.shapes import MANY, nest, repeat
from tools.execution import parse_arguments, to_json_data
from tools.policy.explanation import parse_arguments_text
from tools.registry import TOOLS
from workloads import models
from workloads.api.invoices import InvoiceNameSerializer
from workloads.api.queries import parse_query
from workloads.api.serializers import NameSerializer, UploadStartSerializer
from workloads.ingest import summed_rows
from workloads.ingest.cell_contents import classify_tokens, complete_columns
from workloads.ingest.column_names import add_unit, name_actual, split_unit
from workloads.ingest.columns.figure_names import counts_requests, names_cost
from workloads.ingest.columns.periods import MAX_LENGTH, parse_period
from workloads.ingest.detection import choose_format
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.given_mapping import check_fields, parse_mapping
from workloads.ingest.mapping import resolve_mapping
from workloads.ingest.preview import MAX_EXAMPLE_LENGTH, MAX_EXAMPLES
from workloads.ingest.reading.documents.json_values import read_embedded
from workloads.ingest.reading.kept_columns import is_name_of_groups
from workloads.ingest.reading.text_files import find_header
from workloads.ingest.reading.totals.outline_totals import is_total_name
from workloads.ingest.reading.unread import classify_column
from workloads.ingest.refusals import explain_missing_tokens
from workloads.ingest.reshaping.long_columns import classify_cell
from workloads.ingest.reshaping.outline_headings import find_headings
from workloads.ingest.reshaping.wide_tables import split_model
from workloads.ingest.summed_rows import drop_sum_words
from workloads.ingest.time_columns import choose_time, read_zone
from workloads.invoices.cells import find_currency, parse_amount, parse_day
from workloads.invoices.line_items import parse_line_item, parse_sku
from workloads.invoices.line_sums import MAX_CREDITS_LENGTH, find_credits
from workloads.pricing.assumptions import NO_ASSUMPTIONS
from workloads.pricing.lever_answers import parse_answers, parse_sentences
from workloads.pricing.price_file import PriceFile
from workloads.pricing.price_list import PriceList
from workloads.pricing.price_sentences import parse_prices
from workloads.query.query import MeasureArguments
from workloads.query.validation import check_query
from workloads.report import escaping
from workloads.report.csv_export import format_cell
from workloads.report.tables import MAX_STEM, name_file

NOBODY = UUID("00000000-0000-4000-8000-000000000001")
SEARCHED = ("accounts/admin_site.py", *hostile.ADMIN_SEARCHES)
LANGUAGE = ("core/i18n/language.py", "netra/middleware/context.py", "netra/server/refusals.py")
REDACTION = ("core/redaction.py",)
SECRETS = {
    "names of secrets": repeat("password"),
    "names and backslashes": repeat("password\\\\"),
    "one name and backslashes": repeat("\\", before="password"),
    "names and values": repeat("api_key=a "),
    "names before names": repeat("password="),
    "names and backslashed quotes": repeat('token\\\\\\":'),
    "strings without an end": repeat('\\"', before="secret="),
    "schemes": repeat("authorization: bearer "),
    "a private key without an end": repeat("- ", before="-----BEGIN PRIVATE KEY-----"),
    "nested JSON": repeat("{[" * 50 + "secret="),
    "open quotes": repeat('token="'),
    "keys": repeat("sk-aaaaaaaaaaaaaaA1"),
    "beginnings of keys": repeat("sk-"),
    "a key that is none": repeat("a-", before="sk-"),
    "beginnings of tokens": repeat("eyJ"),
    "tokens": repeat("eyJaaaaaaa."),
    "bearers": repeat("bearer "),
    "basics": repeat("basic AAAAAAAA"),
    "addresses": repeat("://"),
    "addresses with names": repeat("://a:"),
    "an address without an end": repeat("a:", before="://"),
    "private keys": repeat("-----BEGIN PRIVATE KEY-----"),
    "beginnings of private keys": repeat("-----BEGIN "),
    "one private key": repeat("-", before="-----BEGIN PRIVATE KEY-----"),
}

PARSERS = (
    # --- headers, before anybody is known; in a handshake on the event loop
    Parser(
        name="Accept-Language",
        modules=LANGUAGE,
        run=negotiate_language,
        attacks={
            "one tag of many parts": repeat("a-"),
            "parts of a tag": repeat("a_"),
            "tags": repeat("aa,"),
            "weights": repeat("de;q=0.1,"),
            "a weight": repeat("1", before="de;q=0."),
        },
    ),
    Parser(name="tag of a language", modules=LANGUAGE[:1], run=match_language, attacks={"parts": repeat("a-")}),
    Parser(
        name="lengths of headers",
        modules=("netra/server/headers.py", "netra/server/application.py"),
        run=header("x-any", len),
        most=MAX_OTHER_HEADER_BYTES,
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Cookie",
        modules=("netra/server/headers.py", "realtime/auth.py"),
        run=header("cookie", reception.cookies),
        attacks={
            "escapes": repeat("\\", before='a="', after='"'),
            "escapes in many": repeat('a="\\"; '),
            "octal escapes": repeat("\\1", before='a="', after='"'),
        },
        most=MAX_HEADER_BYTES[b"cookie"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Host",
        modules=("netra/server/headers.py",),
        run=header("host", reception.host),
        most=MAX_HEADER_BYTES[b"host"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Origin",
        modules=("realtime/auth.py",),
        run=header("origin", {"https://netra.example.com"}.__contains__),
        most=MAX_HEADER_BYTES[b"origin"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Authorization",
        modules=("realtime/auth.py", "netra/health.py"),
        run=header("authorization", reception.authorization),
        most=MAX_HEADER_BYTES[b"authorization"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Accept",
        modules=("netra/server/headers.py",),
        run=header("accept", reception.accept),
        attacks={"types": repeat("a/b,"), "parameters": repeat(";", before="a/b")},
        most=MAX_HEADER_BYTES[b"accept"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Content-Type",
        modules=("netra/server/headers.py",),
        run=header("content-type", reception.content_type),
        attacks={"parameters": repeat(";a=", before="a/b"), "quotes": repeat('";', before='a/b;a="')},
        most=MAX_HEADER_BYTES[b"content-type"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Range",
        modules=("netra/middleware/responses.py",),
        run=header("range", reception.ranges),
        attacks={"digits": repeat("9", before="bytes=")},
        most=MAX_HEADER_BYTES[b"range"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="If-Modified-Since",
        modules=("netra/middleware/responses.py",),
        run=header("if-modified-since", reception.date),
        most=MAX_HEADER_BYTES[b"if-modified-since"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Content-Length",
        modules=("netra/middleware/validation.py",),
        run=header("content-length", int),
        most=MAX_HEADER_BYTES[b"content-length"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="Upload-Offset, Upload-Fingerprint",
        modules=("workloads/api/uploads.py",),
        run=header("upload-offset", int),
        most=MAX_HEADER_BYTES[b"upload-offset"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="If-None-Match",
        modules=("netra/schema.py",),
        run=header("if-none-match", reception.etags),
        attacks={"marks": repeat('W/"",')},
        most=MAX_HEADER_BYTES[b"if-none-match"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="address of a client",
        modules=("netra/middleware/rate_limits.py", "core/networks.py"),
        run=to_narrow_network,
        attacks={"groups": repeat("a:"), "zones": repeat("%", before="::1")},
    ),
    Parser(
        name="browsers in which somebody signed in before",
        modules=("accounts/attempt_limits.py",),
        run=header("cookie", hostile.device),
        attacks={"signatures": repeat("a:")},
        most=MAX_HEADER_BYTES[b"cookie"],
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="path of a part of an upload",
        modules=("netra/server/limits.py", "netra/server/channels.py"),
        run=hostile.part_path,
        attacks={"slashes": repeat("/", before="/api/uploads/"), "a name": repeat("a", before="/api/uploads/")},
    ),
    # --- parameters and bodies
    Parser(
        name="query of an address",
        modules=("realtime/api/stream.py", "realtime/api/stream.py", "agents/api/runs.py"),
        run=reception.query,
    ),
    Parser(
        name="body in JSON",
        modules=("agents/api/runs.py", "workloads/api/workloads.py", "operators/api.py"),
        run=reception.json_body,
        attacks={"lists": nest("[", "]"), "objects": nest('{"a":', "}", "1"), "a number": repeat("9")},
    ),
    Parser(
        name="body in parts",
        modules=("accounts/views.py", "operators/admin.py", "tools/policy/admin.py"),
        run=reception.multipart_body,
    ),
    Parser(
        name="a value in a body in parts",
        modules=("legacy/admin.py", "tools/policy/admin.py"),
        run=reception.multipart_value,
    ),
    Parser(
        name="fields of the sign-in",
        modules=("netra/middleware/validation.py",),
        run=hostile.sign_in,
        most=validation.MAX_FIELD_CHARACTERS,
        refusal=UnparsedRefusal,
        attacks={"marks in no order": repeat("\u0301\u0323")},
    ),
    Parser(
        name="id of a token",
        modules=("accounts/api.py",),
        run=hostile.wanted_token,
    ),
    Parser(name="id of a consent", modules=("operators/api.py",), run=hostile.given_consent),
    Parser(
        name="position in the stream",
        modules=("realtime/api/stream.py", "realtime/api/stream.py"),
        run=hostile.position,
        attacks={"digits": repeat("9")},
    ),
    Parser(
        name="address and type of a request",
        modules=("netra/middleware/validation.py",),
        run=hostile.undecodable,
        attacks={"broken bytes": repeat("%ff")},
    ),
    Parser(
        name="what proxies and hosts say",
        modules=("netra/server/scopes.py",),
        run=hostile.normalize_headers,
        attacks={"addresses": repeat("1.1.1.1,"), "brackets": repeat("[::1],")},
    ),
    Parser(
        name="token",
        modules=("core/api/authentication.py",),
        run=lambda words: TOKEN_PATTERN.fullmatch(words.encode("utf-8", "replace")),
    ),
    Parser(name="key of a session", modules=("accounts/sessions.py",), run=SESSION_KEY.fullmatch),
    Parser(
        name="JSON of clients",
        modules=("core/json_data.py", "core/api/json_media.py"),
        run=hostile.client_json,
        attacks={
            "lists": nest("[", "]"),
            "wide lists": repeat("[],", before="[", after="0]"),
            "a number": repeat("9"),
        },
    ),
    Parser(
        name="fields that there are not",
        modules=("core/api/serializers.py", "core/api/views.py"),
        run=hostile.unknown_fields,
        shapes=MANY,
    ),
    Parser(
        name="name of a user",
        modules=("core/username_rules.py", "core/admin/user.py"),
        run=hostile.user_name,
        attacks={"marks in no order": repeat("\u0301\u0323"), "separators": repeat("a.")},
    ),
    Parser(
        name="what a remote model gets of a result",
        modules=("tools/disclosure.py",),
        run=hostile.redact_names,
        attacks={"words": repeat("ana "), "separators": repeat("-"), "names": repeat("ana lind, ")},
        size=2_000,
    ),
    Parser(
        name="where a page of a list begins",
        modules=("core/api/pagination.py", "core/api/serializers.py", "core/api/views.py"),
        run=_parse_cursor,
        attacks={"digits": repeat("9"), "an id": repeat("0", before="1-")},
    ),
    # --- searches
    Parser(
        name="search for conversations",
        modules=("agents/threads.py", "agents/api/threads.py"),
        run=lambda words: str(search_threads(NOBODY, words).query),
        attacks={"words": repeat("a b "), "one word": repeat("a"), "wild cards": repeat("%")},
        most=SEARCH_CHARS,
        refusal=BadInput,
    ),
    Parser(
        name="search in the administration",
        modules=SEARCHED,
        run=hostile.admin_search("q"),
        size=1_000,
        attacks={"words": repeat("a "), "quotes": repeat('" ')},
        most=admin_site.MAX_SEARCH_CHARACTERS,
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="completions in the administration",
        modules=SEARCHED,
        run=hostile.admin_search("term"),
        size=1_000,
        most=admin_site.MAX_SEARCH_CHARACTERS,
        refusal=UnparsedRefusal,
    ),
    Parser(
        name="columns that the administration sorts by",
        modules=SEARCHED[:1],
        run=hostile.admin_search("o"),
        size=1_000,
        attacks={"columns": repeat("1.")},
    ),
    Parser(
        name="days on the page of a migration",
        modules=("legacy/admin.py",),
        run=("1", "7", "30", "90").__contains__,
    ),
    # --- questions
    Parser(
        name="question",
        modules=("agents/team/intent.py", "agents/team/triage.py"),
        run=classify_ask,
        attacks=hostile.QUESTIONS,
        size=4_000,
    ),
    Parser(
        name="question about a log",
        modules=(
            "agents/language/tokens.py",
            "agents/language/numbers.py",
            "agents/language/rules/turns/other_ends.py",
            "agents/language/steps/purposes.py",
            "agents/language/times/long_units.py",
        ),
        run=partial(read_question, grammar=load_grammar(), known=hostile.KNOWN_LOGS),
        attacks={**hostile.QUESTIONS, **hostile.GRAMMAR_ATTACKS},
        most=MAX_CHARACTERS,
        size=500,
    ),
    Parser(
        name="question after another",
        modules=("agents/language/rules/spending/parts_of_money.py", "agents/language/rules/turns/purposes.py"),
        run=hostile.follow_up,
        attacks=hostile.FOLLOW_UPS,
        shapes={},
        most=MAX_CHARACTERS,
        size=500,
    ),
    Parser(
        name="question about a log with its words as names",
        modules=("agents/language/names.py", "agents/language/vocabulary.py", "agents/language/scope.py"),
        run=hostile.question_about_its_words,
        attacks=hostile.NAMED_ATTACKS,
        shapes={},
        most=MAX_CHARACTERS,
        size=500,
    ),
    Parser(
        name="keys of answers in a terminal",
        modules=("workloads/pricing/lever_answers.py",),
        run=lambda words: parse_answers([f"batch:{words}"[:200]], [], ("batch",), numbers=[f"batch:{words}"[:200]]),
    ),
    Parser(
        name="answers in a message",
        modules=("workloads/pricing/lever_answers.py", "workloads/pricing/number_sentences.py"),
        run=parse_sentences,
        attacks={**hostile.QUESTIONS, **hostile.ANSWERS},
        size=4_000,
    ),
    Parser(
        name="prices in a message",
        modules=("workloads/pricing/price_sentences.py",),
        run=parse_prices,
        attacks={**hostile.QUESTIONS, **hostile.ANSWERS},
        size=4_000,
    ),
    Parser(
        name="wish to do something",
        modules=("agents/answers/operating.py",),
        run=partial(answer_wish, assumptions=NO_ASSUMPTIONS),
        attacks=hostile.QUESTIONS,
        size=4_000,
    ),
    Parser(
        name="another log in a question",
        modules=("agents/answers/two_logs.py",),
        run=partial(find_other_logs, others=(OtherLog(id=NOBODY, name="november.csv"),)),
        attacks=hostile.QUESTIONS,
        size=4_000,
    ),
    Parser(
        name="question to click, with a name of the log",
        modules=("agents/answers/spoken_asks.py",),
        run=partial(say_ask, language="de"),
        attacks={**hostile.QUESTIONS, "names": repeat("What if we used a instead of ")},
        size=4_000,
    ),
    Parser(
        name="limits of a question",
        modules=("agents/team/question_limits.py",),
        run=parse_limits,
        attacks={**hostile.QUESTIONS, **hostile.LIMITS},
        size=4_000,
    ),
    Parser(
        name="question beside a model's verdict",
        modules=("agents/team/intent.py",),
        run=partial(
            correct_classification, AskClassification(category="cost", intent="save", goal_percent=30, guard="p95")
        ),
        attacks=hostile.QUESTIONS,
        shapes={},
        size=4_000,
    ),
    Parser(
        name="numbers in a model's words",
        modules=tuple(
            f"agents/answers/backing/{name}.py"
            for name in (
                *("visible_text", "quantity", "quantities", "units", "number_words", "number_phrases", "matching"),
                *("hedges", "known_figures", "result_tables", "unread_sentences"),
            )
        ),
        run=hostile.numbers_of_a_model,
        attacks={
            "amounts": repeat("$1,234.56 "),
            "changes": repeat("up 31% from $12.50 to $14.60. "),
            "names": repeat("gpt-4o and o3-mini cost $5.55. "),
            "names alone": repeat("gpt-"),
            "groups of digits": repeat("1 234 "),
            "words": repeat("twelve thousand "),
            "joined words": repeat("two and "),
            "shares in words": repeat("two requests in "),
            "words of another language": repeat("il di вдвое "),
            "dates": repeat("am 3. bis 4. "),
            "entities": repeat("&#48;"),
            "tags": repeat("<b"),
            "rows": repeat("| 5 | 6 |\n"),
        },
        size=2_000,
    ),
    Parser(
        name="a model's words as they are shown",
        modules=("agents/wording/model_answer.py", "agents/llm/partial_texts.py"),
        run=lambda words: (clean_words(words), cut_unfinished(words), is_written_call(words)),
        attacks={
            "links": repeat("[a]("),
            "digits and blanks": repeat("1 "),
            "addresses": repeat("://"),
            "thoughts": repeat("<think>"),
            "calls": repeat("{"),
        },
    ),
    Parser(
        name="question that the page offers in another language",
        modules=("core/i18n/language.py",),
        run=lambda words: language.translate_back(words, "Um {a} und {b} und {c} weniger", "By {a}, {b} and {c}"),
        attacks={"fields": repeat(" und ", before="Um "), "an end": repeat(" weniger", before="Um ")},
        most=language.MAX_ECHO_CHARS,
    ),
    Parser(
        name="order of an operator",
        modules=("operators/commands.py",),
        run=lambda words: (is_command(words), parse_command(words)),
        attacks={
            "words": repeat("a "),
            "runs": repeat("a ", before="/ops cancel "),
            "users": repeat("a ", before="/ops usage "),
            "reasons": repeat(" because ", before="/ops ask "),
            "digits": repeat("9", before="/ops usage "),
        },
    ),
    Parser(
        name="names in an operator's words",
        modules=("operators/admission.py",),
        run=lambda words: _find_unmentioned(("ana", words[:100]), words),
        attacks={"signs": repeat("."), "words": repeat("a. ")},
    ),
    Parser(
        name="fields of a question",
        modules=("agents/api/serializers.py", "agents/api/runs.py", "realtime/run_requests.py"),
        run=hostile.read_by(StartSerializer, "text"),
        most=MAX_MESSAGE,
        refusal=BadInput,
    ),
    Parser(
        name="prices beside a question",
        modules=("agents/api/serializers.py",),
        run=hostile.validate_assumptions,
        attacks={"digits": repeat("9"), "places": repeat("1", before="0."), "powers": repeat("9", before="1e")},
    ),
    Parser(
        name="prices, names and answers kept with a log",
        modules=("workloads/api/assumptions.py",),
        run=hostile.kept_with_log,
        attacks={"digits": repeat("9"), "places": repeat("1", before="0."), "powers": repeat("9", before="1e")},
    ),
    Parser(
        name="title of a conversation",
        modules=("agents/api/threads.py",),
        run=hostile.read_by(ThreadSerializer, "title"),
        most=200,
        refusal=BadInput,
    ),
    Parser(
        name="reason of an opinion of an answer",
        modules=("agents/api/runs.py",),
        run=hostile.read_by(FeedbackChangeSerializer, "reason"),
        most=MAX_REASON,
        refusal=BadInput,
    ),
    # --- frames
    Parser(
        name="frame",
        modules=("realtime/protocol.py",),
        run=protocol.parse_frame,
        attacks={
            "lists": nest("[", "]"),
            "a question": repeat("a", before='{"type":"start","id":"a","text":"', after='"}'),
            "escapes": repeat("\\u0061", before='{"type":"ping","id":"', after='"}'),
        },
        most=FRAME_BYTES,
        refusal=protocol.BadFrame,
    ),
    Parser(name="frame of many fields", modules=("realtime/protocol.py",), run=hostile.frame_of_fields, shapes=MANY),
    # --- logs: names, mappings, columns
    Parser(
        name="name of a file",
        modules=("workloads/models.py",),
        run=models.clean_file_name,
        attacks={"controls": repeat("\x01"), "turned": repeat("\u202e")},
    ),
    Parser(
        name="name of a file that is announced",
        modules=("workloads/api/serializers.py", "workloads/api/uploads.py"),
        run=hostile.read_by(UploadStartSerializer, "name"),
        most=4096,
        refusal=BadInput,
    ),
    Parser(
        name="names and values of a typed query",
        modules=("workloads/api/queries.py", "workloads/api/query_serializers.py", "tools/base.py"),
        run=lambda words: check_query(
            parse_query(
                MeasureArguments,
                {"query": {"by": [words], "where": [{"field": words, "values": [words]}], "zone": words}},
            ).query,
            {},
        ),
        refusal=BadInput,
        most=0,
    ),
    Parser(
        name="name of an invoice's file",
        modules=("workloads/api/invoices.py",),
        run=hostile.read_by(InvoiceNameSerializer, "name"),
        most=255,
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
        modules=("workloads/api/serializers.py", "workloads/ingest/given_mapping.py"),
        run=hostile.validate_mapping,
        shapes=MANY,
    ),
    Parser(
        name="mapping in words",
        modules=("workloads/ingest/given_mapping.py",),
        run=lambda words: parse_mapping([words]),
        attacks={"equals": repeat("=", before="input_tokens=")},
    ),
    Parser(
        name="fields of a mapping",
        modules=("workloads/ingest/given_mapping.py",),
        run=lambda words: check_fields([words]),
    ),
    Parser(
        name="columns of a file",
        modules=("workloads/ingest/mapping.py", "workloads/ingest/detection.py", "workloads/ingest/column_names.py"),
        run=hostile.columns(
            lambda columns: (choose_format(columns, None), resolve_mapping(FORMATS["tabular"], columns, {}))
        ),
        shapes=MANY,
    ),
    Parser(
        name="columns of a file and a mapping",
        modules=("workloads/ingest/mapping.py",),
        run=hostile.columns(
            lambda columns: resolve_mapping(FORMATS["tabular"], columns, {"model": "a.b", "user": "nobody"})
        ),
        shapes=MANY,
    ),
    Parser(
        name="column that may count requests",
        modules=("workloads/ingest/summed_rows.py",),
        run=summed_rows._normalize_column,
        most=100,
    ),
    Parser(
        name="cells of an invoice",
        modules=("workloads/invoices/cells.py",),
        run=lambda words: (parse_amount(words), parse_day(words, day_first=False), find_currency(words)),
        attacks={
            "digits": repeat("1"),
            "groups": repeat("1,234"),
            "dots": repeat("1.234."),
            "blanks": repeat(" ", before="1"),
            "dates": repeat("2026-11-01"),
            "currencies": repeat("usd_"),
        },
    ),
    Parser(
        name="line items of an invoice",
        modules=("workloads/invoices/line_items.py",),
        run=parse_line_item,
        attacks={
            "commas": repeat("a,"),
            "bars": repeat("a|"),
            "dashes": repeat("a - "),
            "words after a model": repeat(" batch", before="gpt-4o"),
        },
    ),
    Parser(
        name="usage types and SKUs of a cloud's bill",
        modules=("workloads/invoices/line_items.py",),
        run=parse_sku,
        attacks={
            "capitals": repeat("aB"),
            "digits after letters": repeat("ab1"),
            "numbers": repeat("1.2.", before="gpt-"),
            "sizes": repeat("-mini", before="gpt-4"),
        },
    ),
    Parser(
        name="credits beside a cost",
        modules=("workloads/invoices/line_sums.py",),
        run=lambda words: find_credits(words[: MAX_CREDITS_LENGTH + 1]),
        attacks={
            "names": repeat('"amount"'),
            "blanks": repeat(" ", before='"amount"', after=":"),
            "digits": repeat("1", before='"amount":'),
        },
        most=MAX_CREDITS_LENGTH + 1,
    ),
    Parser(
        name="columns and cells of a table without tokens",
        modules=("workloads/ingest/refusals.py",),
        run=lambda words: explain_missing_tokens((words,), {words: (words[:MAX_EXAMPLE_LENGTH],) * MAX_EXAMPLES}),
        attacks={
            "words": repeat("input_"),
            "blanks": repeat(" ", before="input"),
            "letters": repeat("a", before="prompt "),
        },
    ),
    Parser(
        name="unit in the name of a column",
        modules=("workloads/ingest/column_names.py",),
        run=split_unit,
        attacks={
            "blanks": repeat(" ", before="input", after="("),
            "underscores": repeat("_", before="input", after="k"),
            "units": repeat("in k tok "),
            "brackets": repeat("(k", before="tokens "),
        },
    ),
    Parser(
        name="cells that may be times",
        modules=("workloads/ingest/time_columns.py",),
        run=lambda cell: choose_time({"when": (cell[:MAX_EXAMPLE_LENGTH],)}, {}),
        attacks={"digits": repeat("9"), "words": repeat("a "), "blanks": repeat(" ", before="1", after="x")},
        most=MAX_EXAMPLE_LENGTH,
    ),
    Parser(
        name="time zone in the name of a column",
        modules=("workloads/ingest/time_columns.py",),
        run=read_zone,
        attacks={"brackets": repeat("("), "zones": repeat("utc+"), "blanks": repeat(" ", before="utc", after="+")},
    ),
    Parser(
        name="kinds of tokens in cells",
        modules=("workloads/ingest/reshaping/long_columns.py", "workloads/ingest/cell_contents.py"),
        run=classify_cell,
        attacks={"commas": repeat(","), "humps": repeat("aB"), "words": repeat("token "), "accents": repeat("é")},
    ),
    Parser(
        name="models in the name of a column",
        modules=("workloads/ingest/reshaping/wide_tables.py", "workloads/ingest/column_names.py"),
        run=split_model,
        attacks={"signs": repeat("- "), "models": repeat("gpt-4o "), "kinds": repeat("input ", before="gpt-4o ")},
    ),
    Parser(
        name="requests and costs in the name of a column",
        modules=("workloads/ingest/columns/figure_names.py", "workloads/ingest/columns/east_asian_words.py"),
        run=lambda name: (counts_requests(name), names_cost(name)),
        attacks={"words": repeat("request "), "currencies": repeat("eur"), "signs": repeat("$")},
    ),
    Parser(
        name="periods in cells",
        modules=("workloads/ingest/columns/periods.py",),
        run=parse_period,
        attacks={"signs": repeat("-", before="q1"), "years": repeat("2026"), "words": repeat("to ")},
        most=MAX_LENGTH,
    ),
    Parser(
        name="headings above models",
        modules=("workloads/ingest/reshaping/outline_headings.py",),
        run=lambda cell: find_headings([(cell, cell), ("gpt-4o", "5"), (cell, ""), ("gpt-4o", cell)]),
        attacks={"digits": repeat("9"), "blanks": repeat(" "), "words": repeat("total ")},
    ),
    Parser(
        name="names of totals",
        modules=("workloads/ingest/reading/totals/outline_totals.py",),
        run=is_total_name,
        attacks={"words": repeat("total"), "blanks": repeat(" sub"), "hyphens": repeat("-", before="sub")},
    ),
    Parser(
        name="budgets in the name of a column",
        modules=("workloads/ingest/column_names.py", "workloads/ingest/summed_rows.py"),
        run=lambda name: (name_actual((name, "Input tokens budget")), drop_sum_words(name)),
        attacks={"words": repeat("actual "), "brackets": repeat("("), "blanks": repeat(" ", before="sum", after="of")},
    ),
    Parser(
        name="unit above a table",
        modules=("workloads/ingest/column_names.py",),
        run=lambda title: add_unit("Input tokens", title),
        attacks={"tokens": repeat("token "), "in": repeat("in "), "units": repeat("tokens k")},
    ),
    Parser(
        name="tokens in the name of a column",
        modules=("workloads/ingest/cell_contents.py",),
        run=classify_tokens,
        attacks={"humps": repeat("aB"), "words": repeat("token "), "accents": repeat("é")},
    ),
    Parser(
        name="names of models in cells",
        modules=("workloads/ingest/cell_contents.py",),
        run=lambda cell: complete_columns({}, ("llm",), {"llm": (cell[:MAX_EXAMPLE_LENGTH],)}),
        attacks={"makers": repeat("a/"), "dots": repeat(".", before="gpt"), "numbers": repeat("1,")},
        most=MAX_EXAMPLE_LENGTH,
    ),
    Parser(
        name="names of columns that were not read",
        modules=("workloads/ingest/reading/unread.py",),
        run=classify_column,
        attacks={
            "words": repeat("aB"),
            "levels": repeat("a."),
            "numbers": repeat("1 "),
            "underscores": repeat("_", before="a", after="b"),
        },
    ),
    Parser(
        name="first lines of a CSV",
        modules=(
            "workloads/ingest/reading/text_files.py",
            "workloads/ingest/reading/header_lines.py",
        ),
        run=lambda words: find_header([words, words]),
        attacks={
            "cells": repeat("a;"),
            "quoted cells": repeat('"a",'),
            "a number and blanks": repeat(" ", before="1", after="x"),
            "numbers and blanks": repeat("1 "),
        },
    ),
    Parser(
        name="dictionaries in cells of a log",
        modules=("workloads/ingest/reading/documents/json_values.py",),
        run=read_embedded,
        attacks={
            "levels": repeat("{'a':"),
            "lists": repeat("[", before="{'a':"),
            "operators": repeat("-", before="{'a':", after="1}"),
            "keys": repeat("'a':1,", before="{", after="}"),
            "digits": repeat("9", before="{'a':", after="}"),
        },
    ),
    Parser(
        name="a long text in the JSON of a log",
        modules=("workloads/ingest/reading/documents/json_documents.py",),
        run=hostile.json_rows,
        shapes={
            "never closed": repeat("x", before='[{"tokens": "'),
            "closed": repeat("x", before='[{"tokens": "', after='"}]'),
        },
        size=4_000_000,
    ),
    Parser(
        name="JSON of a log",
        modules=(
            "workloads/ingest/reading/documents/json_documents.py",
            "workloads/ingest/reading/documents/json_tables.py",
            "workloads/ingest/reading/documents/json_values.py",
            "workloads/ingest/reading/documents/flattening.py",
        ),
        run=hostile.json_rows,
        attacks={
            "lists": nest("[", "]"),
            "objects": nest('{"a":', "}", "1"),
            "objects in lists": nest('[{"a":', "}]", '{"tokens": 1}'),
            "rows": repeat('{"tokens": 123},', before='{"data": [', after='{"tokens": 1}]}'),
            "keys": repeat('"a": 1,', before="[{", after='"tokens": 1}]'),
            "tables": nest('{"columns": ["a", "b", "tokens"], "rows": [', "]}"),
            "columns": repeat('"9": 1,', before='{"a": {"1": 1}, "b": {"1": 1}, "tokens": {', after='"1": 1}}'),
            "days": repeat('"2025-11-03": {"tokens": 1},', before="{", after='"2025-11-04": {"tokens": 1}}'),
            "types": nest('{"tokens": {"$numberLong": ', "}}", "1"),
            "models": repeat('"a": {"tokens": 1},', before='{"models": {', after='"b": {"tokens": 1}}}'),
            "models in models": nest('{"models": {"a": ', "}}", '{"tokens": 1}'),
            "envelopes": nest('{"data": ', "}", '{"tokens": 1}'),
            "texts that look like JSON": repeat('"{",', before='[{"tokens": ["', after='"]}]'),
            "JSON in texts": repeat('{\\"a\\": ', before='[{"tokens": "', after='"}]'),
        },
    ),
    Parser(
        name="name of a model",
        modules=("workloads/pricing/price_list.py", "workloads/pricing/spellings.py"),
        run=PriceList().find,
        attacks={
            "slashes": repeat("/"),
            "prefixes": repeat("a/"),
            "a prefix": repeat("anthropic."),
            "dates": repeat("-20260101"),
            "projects": repeat("projects/a/locations/b/"),
            "regions": repeat("us."),
        },
        most=200,
    ),
    Parser(
        name="name of a model, with a price file",
        modules=("workloads/pricing/price_list.py", "workloads/pricing/file_models.py"),
        run=PriceList(
            PriceFile.model_validate(
                {"date": "2026-05-01", "models": [{"model": "m", "prices": {"fresh_input": 1, "output": 1}}]}
            )
        ).find,
        attacks={"slashes": repeat("/"), "prefixes": repeat("a/"), "a prefix": repeat("anthropic.")},
        most=200,
    ),
    Parser(
        name="name like a model's",
        modules=("workloads/pricing/price_list.py",),
        run=PriceList().find_similar,
        attacks={"models": repeat("gpt-4o-"), "a letter": repeat("a")},
        most=200,
    ),
    Parser(name="what a failed reading says", modules=("workloads/ingest/pipeline.py",), run=hostile.failed_reading),
    # --- what is shown, told and stored
    Parser(
        name="names in Markdown",
        modules=("workloads/report/escaping.py",),
        run=escaping.escape_name,
        attacks={"links": repeat("http://"), "mails": repeat("mailto:")},
        most=escaping.MAX_NAME_LENGTH,
    ),
    Parser(
        name="sentences in Markdown",
        modules=("workloads/report/escaping.py",),
        run=escaping.escape_prose,
        attacks={"links": repeat("www."), "emphasis": repeat("*_")},
        most=escaping.MAX_TEXT_LENGTH,
    ),
    Parser(
        name="a question in a conversation's file",
        modules=("agents/downloads.py",),
        run=hostile.write_conversation,
        attacks={"markup": repeat("*_"), "lines": repeat("a\n")},
        size=2_000,
    ),
    Parser(name="lines for a terminal", modules=("workloads/report/escaping.py",), run=escaping.escape_terminal),
    Parser(
        name="names of columns to keep",
        modules=("workloads/ingest/reading/kept_columns.py",),
        run=is_name_of_groups,
        attacks={"words": repeat("prompt_"), "humps": repeat("aB")},
    ),
    Parser(name="cells for a spreadsheet", modules=("workloads/report/csv_export.py",), run=format_cell),
    Parser(
        name="names of files after a log",
        modules=("workloads/report/tables.py",),
        run=lambda name: name_file(name, datetime.date(2026, 11, 29), "plan"),
        most=MAX_STEM + 40,
    ),
    Parser(name="redaction of words", modules=REDACTION, run=redact_text, attacks=SECRETS),
    Parser(
        name="redaction of JSON",
        modules=(*REDACTION, "tools/results.py"),
        run=lambda words: redact(json.dumps({"text": words, words: "password"}, ensure_ascii=False)),
        attacks=SECRETS,
    ),
    Parser(name="redaction of broken JSON", modules=REDACTION, run=lambda words: redact('{"' + words)),
    Parser(name="redaction of JSON within JSON", modules=REDACTION, run=hostile.within_one_another, shapes=MANY),
    Parser(name="text for a database", modules=("core/json_data.py",), run=to_storable),
    Parser(name="result of a tool", modules=("core/json_data.py",), run=lambda words: truncate_json(words, 1000)),
    Parser(
        name="arguments of a call",
        modules=("tools/execution.py",),
        run=lambda words: to_json_data({"name": words}),
    ),
    Parser(
        name="arguments of a call that fit no tool",
        modules=("tools/execution.py", *hostile.TOOL_INPUTS),
        run=lambda words: [
            parse_arguments(tool, {words: words, "name": words, "names": [words]}) for tool in TOOLS.values()
        ],
    ),
    Parser(
        name="arguments that an operator asks about",
        modules=("tools/policy/explanation.py",),
        run=lambda words: parse_arguments_text(TOOLS["estimate_lever"], words),
        attacks={"lists": nest("[", "]")},
    ),
    Parser(
        name="words that may name who is erased",
        modules=("core/users.py", "accounts/erasure.py"),
        run=hostile.naming("ana", "ana@example.com"),
        attacks={"names": repeat("ana"), "addresses": repeat("ana@"), "signs": repeat(".ana")},
    ),
    Parser(name="moments in an answer", modules=("operators/rendering.py",), run=hostile.moment),
    Parser(
        name="subject of the audit",
        modules=("tools/audit/queries.py",),
        run=hostile.subject,
        attacks={"digits": repeat("0")},
    ),
)
