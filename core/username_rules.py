"""Rules for user names that need no database: characters, reserved names, and the key that detects look-alikes."""

import re
import unicodedata
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from core.exceptions import BadInput
from core.i18n.text import text

KEY_CHARS = 150
MAX_COMPARED_CHARS = 1000
"""Longer names are not normalized: Unicode's normal form takes quadratic time."""

RESERVED_NAMES = frozenset(
    (
        *("admin", "admins", "administrator", "administrators", "superuser", "root", "sysadmin", "system", "daemon"),
        *("netra", "operator", "operators", "ops", "poweruser", "powerusers", "user", "users", "staff", "moderator"),
        *("support", "helpdesk", "security", "abuse", "postmaster", "webmaster", "hostmaster", "noreply"),
        *("nobody", "anonymous", "everyone", "everybody", "anybody", "all", "none", "null", "nil", "undefined"),
        *("me", "self", "you", "api", "service", "worker", "engine", "bot", "agent", "assistant", "model", "local"),
    )
)
"""A user with such a name could be taken for the installation itself, or for all its users."""
RESERVED_PREFIXES = ("selftest", "netra")  # before a separator

# Letters that look like common Latin ones (Unicode's confusables): Cyrillic, Greek, and rare Latin ones.
_CYRILLIC = (
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0432\u043a\u043c\u043d\u0442"
)
_GREEK = "\u03b1\u03b5\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03b9\u03ba\u03b3\u03f2\u03f3"
_LATIN = (
    "\u0131\u0251\u0261\u1d00\u0299\u1d04\u1d05\u1d07\u0262\u029c\u026a\u1d0a\u1d0b"
    "\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22"
)
_CONFUSABLES = str.maketrans(
    _CYRILLIC + _GREEK + _LATIN, "aceopxyijshdqwbkmht" + "aevoptuxikycj" + "iag" + "abcdeghijklmnoprstuvwyz"
)
_COMPATIBLE_SCRIPTS = tuple(
    frozenset({"LATIN", "CJK", *beside}) for beside in (("HIRAGANA", "KATAKANA"), ("HANGUL",), ("BOPOMOFO",))
)
"""Scripts that are mixed within a word, and whose letters don't look alike."""
_INVISIBLE_CHARS = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800")  # letters and marks without a shape
_SEPARATORS = re.compile(r"[.@+_\-]+")


def parse_id(written: str) -> UUID | None:
    """Return the id that a text can be read as, in any spelling of it."""
    if len(written) > MAX_COMPARED_CHARS:
        return None
    for spelling in (written, unicodedata.normalize("NFKC", written)):
        try:
            return UUID(spelling.strip())
        except ValueError:
            continue
    return None


def to_name_key(name: str) -> str:
    """Return a key that is equal for names that look alike: in another case, width or alphabet, or with invisible
    characters."""
    if len(name) > MAX_COMPARED_CHARS:
        return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    key = "".join(char for char in folded if not _is_invisible(char)).translate(_CONFUSABLES)
    return key if len(key) <= KEY_CHARS else key[:64] + sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def check_shape(name: str, *, email: str = "") -> None:
    """Raise BadInput for a name that nobody may take. It may be the account's own address, `email`."""
    if len(name) > KEY_CHARS:
        raise BadInput(text("A user name has at most {most} characters. Choose another one.", most=KEY_CHARS))
    if any(_is_invisible(char) for char in name):
        raise BadInput(text("This user name has invisible characters. Type it again."))
    if not _is_single_script(name):
        raise BadInput(text("This user name mixes alphabets whose letters look alike. Write it in one."))
    if parse_id(name) is not None:
        raise BadInput(text("A user name can't look like an id. Choose another one."))
    if is_reserved(name):
        raise BadInput(text("The user name {name} is reserved. Choose another one.", name=repr(name[:150])))
    if "@" in unicodedata.normalize("NFKC", name) and to_name_key(name) != to_name_key(email):
        raise BadInput(text("A user name can't look like an e-mail address. Leave out the @."))
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError:
        raise BadInput(text("A user name can only contain letters, digits and the characters . + - _")) from None


def is_visible(name: str) -> bool:
    """Whether all characters but spaces are visible."""
    return not any(_is_invisible(char) for char in name if char != " ")


def is_reserved(name: str) -> bool:
    first, *rest = (part for part in _SEPARATORS.split(to_name_key(name)) if part) if name else ("",)
    return (bool(rest) and first in RESERVED_PREFIXES) or "".join((first, *rest)) in RESERVED_NAMES


def _is_single_script(name: str) -> bool:
    """Whether all letters are of one script, or of scripts that are written together.

    A letter that looks like one of another script misleads among letters of that script.
    """
    letters = {char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char).startswith("L")}
    # A letter's Unicode name begins with its script; a letter without a name is none that people write.
    scripts = {unicodedata.name(char, "").partition(" ")[0] for char in letters}
    return len(scripts) < 2 or any(scripts <= compatible for compatible in _COMPATIBLE_SCRIPTS)


def _is_invisible(char: str) -> bool:
    return char in _INVISIBLE_CHARS or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")
