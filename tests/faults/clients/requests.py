"""Random requests of a stranger to every route of the URLconf, with odd methods, headers, types and bodies.

A case is made of a seed and its number alone, so a failure is sent again by these two.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from uuid import UUID

ORDINARY = ("GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
ODD_METHODS = ("TRACE", "CONNECT", "PROPFIND", "get", "X", "M-SEARCH", "A" * 300, "__class__", "initial", "http")

TEXTS = (
    *("", "x", "a b", "0", "-1", "1.5", "true", "null", "None", "../../etc/passwd"),
    *("'; DROP TABLE x;--", "%s%n", "{}", "[]"),
    *("\x00", "a\x00b", "\r\nX: y", "\u202e", "é", "漢字", "\U0001f600", "\ufffe", "\ufeff"),
    *("9" * 20, "9" * 400, "-" + "9" * 30,),
    *("1e400", "NaN", "Infinity", "-0", "0x10", "1_000", "٣", "²", "10000-01-01", "0000-00-00"),
    *("2026-02-30", "2026-01-01T99:99:99Z"),
    *("9999-12-31T23:59:59.999999-23:59", "00000000-0000-0000-0000-000000000000", "{00000000000000000000000000000001}"),
    *("x" * 300, "é" * 900, "a@b.example", "a@" + "b" * 300, "https://evil.example/"),
    *("//evil.example", "javascript:0", "on", "id", "pk"),
)  # fmt: skip
RAW = (
    "%",
    "%zz",
    "%00",
    "%ff",
    "%c0%af",
    "%ed%a0%80",
    "%f4%90%80%80",
    "%2e%2e%2f",
    "%5c",
    "%0d%0a",
    "%25",
    "+",
    ";",
    "%u0041",
)
"""In an address as they are: broken percent-encoding and broken UTF-8."""

NUMBERS: tuple[Any, ...] = (
    *(0, 1, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400, 1.5, 1e308, -0.0, True, False, None),
    *(float("nan"), float("inf"), float("-inf")),
)
FIELDS = (
    *("text", "thread_id", "workload_id", "client_id", "assumptions", "assume_model", "price_in"),
    *("price_out", "discount_percent"),
    *("title", "name", "size", "fingerprint", "format", "mapping", "days", "hours", "password"),
    *("user_id", "id", "__proto__", ""),
)  # fmt: skip
FORM_FIELDS = (
    *("login", "password", "remember", "email", "username", "password1", "password2"),
    *("oldpassword", "code", "next", "days", "action"),
    *("action_add", "action_remove", "action_primary", "action_send", "session", "process"),
    *("account", "_selected_action", "index"),
    *("select_across", "_save", "_continue", "_popup", "_to_field", "_saveasnew", "is_active"),
    *("groups", "user_permissions", "first_name"),
    *("form-TOTAL_FORMS", "form-INITIAL_FORMS", "form-MAX_NUM_FORMS", "form-0-id", "last_login_0"),
    *("last_login_1", "date_joined_0"),
    *("post", "user", "plan", "amount", "limit", "starts_at_0", "starts_at_1", "kind", "model"),
    *("tools", "note", "reason", "app_label"),
)  # fmt: skip
QUERY = (
    *("search", "limit", "after", "epoch", "thread", "request_id", "format", "lang", "page"),
    *("offset", "q", "o", "p", "all", "e", "next"),
    *("_popup", "_to_field", "_changelist_filters", "_facets", "is_active__exact"),
    *("date_joined__year", "date_joined__gte", "id__in"),
    *("username__startswith", "user__id__exact", "user__password", "pk", "state", "state__exact"),
    *("at__day", "at__month", "at__year"),
    *("created_at__day", "created_at__gte", "created_at__lt", "created_at__isnull", "term"),
    *("app_label", "model_name", "field_name", "path"),
)  # fmt: skip
JSON_TYPES = ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json")
FORM = "application/x-www-form-urlencoded"
CHARSETS = (
    "latin-1",
    "utf-16",
    "utf-7",
    "rot13",
    "base64",
    "idna",
    "undefined",
    "nonsense",
    "",
    "\xff",
    '"utf-8',
    "punycode",
    "utf-8-sig",
)
ODD_TYPES = (
    *(
        "text/plain",
        "application/xml",
        "*/*",
        "/",
        ";",
        "application",
        "a/b/c",
        "application/octet-stream",
        "multipart/form-data",
    ),
    *(
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\xff",
        "multipart/form-data; boundary=" + "b" * 300,
    ),
    *("multipart/mixed; boundary=x", "application/json;" + "a=b;" * 500, "application/json; charset*=utf-8''%ff"),
)
GARBAGE = (
    "",
    " ",
    "\xff\xfe",
    "é",
    '"',
    "=",
    ";",
    ",",
    ", ,",
    "a" * 4000,
    "9" * 400,
    "-1",
    "%00",
    "*",
    "(",
    "\t",
    "null",
    "\x80\x81",
)
HEADERS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "Accept": (
            *("*/*", "text/html", "application/json", "a/b;q=x", "image/*;q=2", ",,,"),
            *("application/json;version=\xff", ";"),
        ),
        "Accept-Language": ("de", "de;q=x", "en;q=1e400", "-", "*;q=nan", "x" * 2000, "de-" * 500, "\xff", "en;q=,;q="),
        "Accept-Encoding": ("gzip", "br;q=x", "identity;q=0", "\xff"),
        "Range": (
            *("bytes=0-", "bytes=-0", "bytes=9-1", "bytes=" + "9" * 400 + "-", "bytes=-" + "9" * 30,),
            *("bytes=a-b", "lines=1"),
        ),
        "If-Modified-Since": (
            *("x", "Mon, 32 Foo 2026 99:99:99 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
            *("Thu, 01 Jan 0000 00:00:00 GMT"),
        ),
        "If-None-Match": ("*", '"a"', 'W/"a', "\xff", '"' * 500),
        "If-Match": ("*", '"a"', "\xff"),
        "If-Unmodified-Since": ("x", "Thu, 01 Jan 99999 00:00:00 GMT", "Thu, 01-Jan-70 00:00:00 GMT"),
        "If-Range": ("x", '"a"'),
        "Upload-Offset": ("0", "-1", "9" * 18, "9" * 400, "²", "٣", "1.5", "\xff"),
        "Upload-Fingerprint": ("x", "\xff", "x" * 4000, "%00"),
        "X-Requested-With": ("XMLHttpRequest"),
        "X-CSRFToken": ("x", "\xff", "a" * 32, "a" * 64, "é" * 32),
        "Origin": ("null", "https://evil.example", "http://[", "\xff", "http://127.0.0.1:x"),
        "Referer": ("x", "http://[", "https://evil.example/\xff", "//", "http://a:99999999/"),
        "Host": (
            *("evil.example", "", "[", "a:b", "127.0.0.1:99999999", "\xff", "a" * 300,),
            *("127.0.0.1, evil.example", "[::1]", "%00"),
        ),
        "X-Forwarded-Proto": ("https", "\xff"),
        "X-Forwarded-For": ("1.2.3.4", "x, y", "\xff", ","),
        "X-Forwarded-Host": ("evil.example"),
        "Forwarded": ("for=x;host=evil.example"),
        "X-HTTP-Method-Override": ("DELETE"),
        "Expect": ("100-continue"),
        "Upgrade": ("h2c", "TLS/1.0"),
        "Daphne-Root-Path": ("/open", "%ff", "http://evil.example"),
        "Content-Language": ("\xff"),
        "Content-Encoding": ("gzip", "x"),
        "Content-Disposition": ("x", 'attachment; filename="\xff"', "attachment; filename*=UTF-8''%ff"),
        "X-Request-ID": ("x", "\xff"),
        "Cookie": (),
        "X_Odd": ("x"),
    }
)  # fmt: skip
COOKIES = (
    "netra_session",
    "netra_csrf",
    "sessionid",
    "csrftoken",
    "messages",
    "language",
    "django_language",
    "",
    "$Version",
    "x",
)
COOKIE_VALUES = (
    *(
        "x",
        "a" * 32,
        '"\\000\\000\\000\\000\\000\\000\\000\\000\\000"',
        '"\\377\\376\\375\\377\\376\\375\\377\\376"',
        '"',
        "\xff" * 12,
    ),
    *("é" * 32, "a" * 5000, "=", "%00" * 4, "[[", '["x"]', "W10:x:y", "9" * 40, "'" * 40, "a,b,c,d,e,f,g,h"),
)


ENDINGS = ("logout", "password/set", "password/change", "sessions")
"""Where somebody who is let in may be out afterwards."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: headers that let them in, and where they do. `passing`: it does not matter if they are out then."""

    name: str
    headers: Mapping[str, str]
    at_home: tuple[str, ...] = ()
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """What cases are made on: routes as the URLconf writes them, ids that there are, by the beginning of the routes
    that they belong to, who asks, and at which host."""

    routes: tuple[str, ...]
    own: Mapping[str, str]
    ids: tuple[str, ...]
    visitors: tuple[Visitor, ...]
    host: str


@dataclass(frozen=True, slots=True)
class Case:
    visitor: str
    method: str
    payload: bytes = field(repr=False)

    def __str__(self) -> str:
        shown = self.payload if len(self.payload) <= 1_500 else self.payload[:1_500] + b"... (cut)"
        return f"{self.visitor}: {shown!r}"


class Dice(Random):
    """Chances of one case: `odd` is how likely each of its parts is to be made up. Of some cases only one part is."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.oddity = self.choice((0.05, 0.3, 0.7))

    @property
    def odd(self) -> bool:
        return self.random() < self.oddity


def case(ground: Ground, seed: int, number: int) -> Case:
    """The same for the same three."""
    random = Dice(f"{seed}:{number}")
    route = _route(random, ground)
    visitor = _visitor(random, ground, route)
    method = random.choice(ODD_METHODS) if random.random() < 0.03 else random.choice(ORDINARY)
    target = _target(random, ground, route)
    headers: list[tuple[str, str]] = [("Host", ground.host), *visitor.headers.items()]
    kind, body = _body(random, ground) if method not in ("GET", "HEAD") or random.random() < 0.05 else (None, b"")
    if kind is not None:
        headers.append(("Content-Type", kind))
    if random.odd:
        headers = _disturb_headers(random, headers)
    if body or method not in ("GET", "HEAD") or random.random() < 0.1:
        headers.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return Case(visitor.name, method, f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1", "replace") + body)


def routes(addresses: Sequence[str]) -> tuple[str, ...]:
    """What to walk, and what no URLconf has: static files, the websocket's address by HTTP, nonsense."""
    return (*sorted(set(addresses)), "static/<path:name>", "ws/", "<path:nothing>", "api/<path:nothing>", "api")


_PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|\((?:[^()]|\([^()]*\))*\)")


def _route(random: Dice, ground: Ground) -> str:
    """The admin has most of them, and not most of what may go wrong."""
    start = random.choice(("api/", "api/", "api/", "accounts/", "admin/", "admin/", ""))
    return random.choice([each for each in ground.routes if each.startswith(start)])


def _visitor(random: Dice, ground: Ground, route: str) -> Visitor:
    """Most often somebody who is let in there."""
    if any(ending in route for ending in ENDINGS):
        return random.choice([each for each in ground.visitors if each.passing])
    at_home = [each for each in ground.visitors if route.startswith(each.at_home)]
    return random.choice(at_home if at_home and random.random() < 0.6 else ground.visitors)


def _target(random: Dice, ground: Ground, route: str) -> str:
    if "(" in route or "^" in route:
        route = route.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")
    own = next((value for start, value in ground.own.items() if route.startswith(start)), None)
    path = "/" + _PARAMETER.sub(lambda _: own if own and not random.odd else _segment(random, ground), route)
    if random.odd and random.random() < 0.1:
        path = path.rstrip("/") if random.random() < 0.5 else path + random.choice(RAW)
    if random.odd and random.random() < 0.04:
        path = random.choice(
            ("//evil.example" + path, "http://evil.example" + path, path + "#x", "*", path + "\xff", path * 10)
        )
    pairs = random.choice((0, 1, 1, 2, 3)) if random.odd else 0
    query = "&".join(f"{_name(random, QUERY)}={_segment(random, ground)}" for _ in range(pairs))
    return f"{path}?{query}" if query or random.random() < 0.02 else path


def _segment(random: Dice, ground: Ground) -> str:
    """A value as an address has it."""
    if not random.odd:
        return random.choice(ground.ids)
    if random.random() < 0.2:
        return random.choice(RAW)
    return quote(random.choice(TEXTS), safe=random.choice(("", "/")))


def _name(random: Dice, names: Sequence[str]) -> str:
    return random.choice(names) if not random.odd or random.random() < 0.9 else quote(random.choice(TEXTS)[:40])


def _disturb_headers(random: Dice, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    for _ in range(random.choice((1, 1, 2, 4))):
        name = random.choice(tuple(HEADERS))
        if name == "Cookie":
            value = "; ".join(
                f"{random.choice(COOKIES)}={random.choice(COOKIE_VALUES)}" for _ in range(random.randint(1, 3))
            )
        else:
            value = random.choice((*HEADERS[name], *HEADERS[name], random.choice(GARBAGE)))
        if random.random() < 0.7:
            headers = [each for each in headers if each[0] != name]
        headers.append((name, value))
    if random.random() < 0.06:
        headers = [each for each in headers if each[0] != "Authorization"]
        headers.append(("Authorization", _authorization(random)))
    if random.random() < 0.02:
        headers += [(f"X-{number}", "x") for number in range(random.choice((10, 90)))]
    return headers


def _authorization(random: Dice) -> str:
    kind = random.choice(("Token", "token", "Bearer", "Basic", "", "\xff", "Token Token"))
    value = random.choice((*GARBAGE, "a" * 64, "é" * 64, "\xff" * 64, "a b c", "zz" * 32, "\x7f" * 8))
    return f"{kind} {value}"


def _body(random: Dice, ground: Ground) -> tuple[str | None, bytes]:
    make = random.choice(
        (_object, _any_json, _generate_nested_body, _form, _multipart, _bytes, _nothing)
        if random.odd
        else (_object, _form)
    )
    kind, body = make(random, ground)
    chance = random.random() if random.odd else 0.5
    if chance < 0.06:
        kind = random.choice(ODD_TYPES)
    elif chance < 0.1 and kind:
        kind = f"{kind.partition(';')[0]}; charset={random.choice(CHARSETS)}"
    if chance > 0.96 and body:
        place = random.randrange(len(body))
        body = body[:place] + random.choice((b"\xff", b"\x00", b"\xed\xa0\x80", b"", b'"')) + body[place + 1 :]
    return kind, body


def _value(random: Dice, ground: Ground, depth: int = 0) -> Any:
    chance = random.random()
    if chance < 0.25 or not random.odd:
        return random.choice(ground.ids)
    if chance < 0.5:
        return random.choice(TEXTS)
    if chance < 0.75:
        return random.choice(NUMBERS)
    if chance < 0.8:
        return random.choice(("\ud800", "a\udfffb", "\x00", "\ud83d\ude00"))
    if depth > 2:
        return None
    if chance < 0.9:
        return [_value(random, ground, depth + 1) for _ in range(random.randint(0, 3))]
    return {_name(random, FIELDS): _value(random, ground, depth + 1) for _ in range(random.randint(0, 3))}


_RIGHT: tuple[Callable[[Dice, Ground], dict[str, Any]], ...] = (
    lambda random, ground: {"title": random.choice(TEXTS)},
    lambda random, ground: {"name": random.choice(TEXTS), "size": random.choice(NUMBERS)},
    lambda random, ground: {"format": random.choice(TEXTS), "mapping": {random.choice(TEXTS): random.choice(TEXTS)}},
    lambda random, ground: {"text": random.choice(TEXTS), "client_id": str(UUID(int=random.getrandbits(128)))},
    lambda random, ground: {
        "text": "x",
        "thread_id": random.choice(ground.ids),
        "workload_id": random.choice(ground.ids),
    },
    lambda random, ground: {
        "text": "x",
        "assumptions": {name: _value(random, ground, 2) for name in random.sample(FIELDS[5:9], 2)},
    },
    lambda random, ground: {"days": random.choice(NUMBERS), "password": "x"},
    lambda random, ground: {"hours": random.choice(NUMBERS)},
)


def _object(random: Dice, ground: Ground) -> tuple[str, bytes]:
    data = random.choice(_RIGHT)(random, ground)
    if random.odd:
        data[_name(random, FIELDS)] = _value(random, ground)
    return random.choice(JSON_TYPES[:2]), _encode_json(random, data)


def _any_json(random: Dice, ground: Ground) -> tuple[str, bytes]:
    return random.choice(JSON_TYPES), _encode_json(random, _value(random, ground))


def _encode_json(random: Dice, data: Any) -> bytes:
    written = json.dumps(data, ensure_ascii=random.random() < 0.7)
    encoding = random.choice(("utf-8", "utf-16", "utf-8-sig")) if random.odd and random.random() < 0.3 else "utf-8"
    return written.encode(encoding, "surrogatepass")


def _generate_nested_body(random: Dice, ground: Ground) -> tuple[str, bytes]:
    depth = random.choice((40, 900, 1_100, 5_000, 100_000))
    opening, closing = random.choice((("[", "]"), ('{"a":', "}"), ('{"title":', "}")))
    whole = opening * depth + "1" + closing * depth
    return "application/json", random.choice(
        (whole, opening * depth, f'{{"text":{whole}}}', "9" * depth, f'"{"x" * depth}')
    ).encode()


def _form(random: Dice, ground: Ground) -> tuple[str, bytes]:
    pairs = "&".join(f"{_name(random, FORM_FIELDS)}={_segment(random, ground)}" for _ in range(random.randint(0, 9)))
    if random.random() < 0.02:
        pairs = "&".join(["a=b"] * 1_200)
    return FORM, pairs.encode("latin-1", "replace")


def _multipart(random: Dice, ground: Ground) -> tuple[str, bytes]:
    parts = []
    for _ in range(random.randint(0, 4)):
        file = random.choice(
            ("", "", '; filename="x"', '; filename=""', '; filename="../\xff"', "; filename*=UTF-8''%ff")
        )
        odd = random.choice(
            ("", "", "Content-Transfer-Encoding: base64\r\n", "Content-Type: a; charset=rot13\r\n", "\xff: x\r\n")
        )
        name = _name(random, FORM_FIELDS)
        parts.append(
            f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{odd}\r\n{random.choice(GARBAGE)}\r\n'
        )
    whole = "".join(parts) + random.choice(("--x--\r\n", "--x--\r\n", "--x", "", "--y--"))
    return "multipart/form-data; boundary=x", whole.encode("latin-1", "replace")


def _bytes(random: Dice, ground: Ground) -> tuple[str | None, bytes]:
    kind = random.choice((None, "application/octet-stream", *JSON_TYPES[:1], FORM))
    return kind, random.randbytes(random.choice((1, 20, 500)))


def _nothing(random: Dice, ground: Ground) -> tuple[str | None, bytes]:
    return random.choice((None, *JSON_TYPES[:1], FORM)), b""
