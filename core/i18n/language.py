"""The available languages, translation into one of them, and the language that a client or request asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import NullTranslations
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, SupportsInt, cast

from babel import Locale
from babel.messages import Catalog

from core.i18n.catalog import PAGE_CONTEXT_PREFIX, compile_translations, list_english_forms, load_catalog
from core.i18n.text import FormattedNumber, Text

if TYPE_CHECKING:  # the settings import this module, before Django and its libraries can be used
    from django.http import HttpRequest
    from rest_framework.request import Request

MAX_ECHO_CHARS = 1000  # the page offers no longer question


def translate_back(words: str, translated: str, english: str) -> str | None:
    """Return the English template with the values that `words` have in the translated one; None if they don't match."""
    words = words.strip()
    if len(words) > MAX_ECHO_CHARS:
        return None
    fields = _match_fields(words, [(literal, name) for literal, name, _, _ in Formatter().parse(translated)])
    return None if fields is None else english.format_map(fields)


def _match_fields(words: str, parts: list[tuple[str, str | None]]) -> dict[str, str] | None:
    """Return the shortest value for each name, or None if the words don't match.

    It takes linear time: a field ends where the literal after it occurs first, and the last field ends before the last
    literal.
    """
    *inner, (end, open_field) = parts or [("", None)]
    if open_field is not None:
        inner, end = [*inner, (end, open_field)], ""
    found: dict[str, str] = {}
    at, field = 0, None  # the position of the next part, and the field before it
    for literal, name in inner:
        start = at if field is None else words.find(literal, at + 1)
        if start < 0 or not words.startswith(literal, start):
            return None
        if field is not None:
            found[field] = words[at:start]
        at, field = start + len(literal), name
    start = len(words) - len(end)
    if not words.endswith(end) or (start <= at if field is not None else start != at):
        return None
    return found if field is None else found | {field: words[at:start]}


MAX_PLURAL_SAMPLE = 1000
"""Numbers whose plural forms are tried, to find all forms of a text."""


@dataclass(frozen=True)
class Language:
    """A language. `tag` is a language tag such as "de" or "pt-BR"; `path` is its .po file, None for English.

    The catalog is loaded once, when it is first needed, and never changes.
    """

    tag: str
    path: Path | None = None

    def translate(self, words: str) -> str:
        """Translate a Text or FormattedNumber, to English if the catalog lacks it. Return any other str unchanged."""
        if self.path is None or not isinstance(words, Text | FormattedNumber):
            return str.__str__(words)
        return self.format_number(words) if isinstance(words, FormattedNumber) else self._translate_text(words)

    def translate_inline(self, words: str) -> str:
        """Translate a title for use within a sentence: in lower case in English; other languages have other rules."""
        return self.translate(words).lower() if self.path is None else self.translate(words)

    def format_number(self, english: str) -> str:
        """Return a number that English writes as "1,234.5" with this language's separators."""
        return english if self.path is None else english.translate(self._separators)

    def load(self) -> None:
        """Load the catalog now, which would otherwise delay the first translation."""
        if self.path is not None:
            _ = (self._translations, self._separators, self.english_name, self.page_texts)

    @cached_property
    def english_name(self) -> str:
        return str(self._locale.english_name)

    @property
    def direction(self) -> str:
        """The direction of writing: "ltr" or "rtl"."""
        return self._locale.text_direction

    @cached_property
    def page_texts(self) -> Mapping[str, str | Mapping[str, str]]:
        """The chat page's texts by name; plural forms are by CLDR category ("one", "other")."""
        messages = [(message.context or "", list_english_forms(message)) for message in self._catalog]
        return MappingProxyType(
            {
                context.removeprefix(PAGE_CONTEXT_PREFIX): self._plural_forms(context, english)
                for context, english in messages
                if context.startswith(PAGE_CONTEXT_PREFIX)
            }
        )

    def to_english(self, words: str, *beginnings: str) -> str | None:
        """Translate a user's words back to English, if they are a text of the page whose name has such a beginning."""
        if self.path is None:
            return None
        texts = ((message.context or "", list_english_forms(message), message.string) for message in self._catalog)
        for context, english, translated in texts:
            if context.removeprefix(PAGE_CONTEXT_PREFIX).startswith(beginnings) and isinstance(translated, str):
                original = translate_back(words, translated, english[0])
                if original is not None:
                    return original
        return None

    def _plural_forms(self, context: str, english: tuple[str, ...]) -> str | Mapping[str, str]:
        if len(english) == 1:
            return self._translations.pgettext(context, english[0])
        rule, (one, other) = self._locale.plural_form, english
        return {rule(n): self._translations.npgettext(context, one, other, n) for n in range(MAX_PLURAL_SAMPLE, -1, -1)}

    def _translate_text(self, words: Text) -> str:
        if not words.template:
            return ""
        if words.plural is None:
            template = self._translations.gettext(words.template)
        else:
            n = int(cast(SupportsInt, words.values["n"]))
            template = self._translations.ngettext(words.template, words.plural, n)
        return _TranslatingFormatter(self).vformat(template, (), words.values) if words.values else template

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.tag, sep="-")

    @cached_property
    def _separators(self) -> Mapping[int, str]:
        symbols = self._locale.number_symbols["latn"]
        return MappingProxyType({ord(","): symbols["group"], ord("."): symbols["decimal"]})

    @cached_property
    def _catalog(self) -> Catalog:
        return Catalog() if self.path is None else load_catalog(self.path)

    @cached_property
    def _translations(self) -> NullTranslations:
        return compile_translations(self._catalog)


class _TranslatingFormatter(Formatter):
    """str.format with translated texts and with numbers as the language writes them."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, str):
            return format(self._language.translate(value), spec)
        return self._language.format_number(format(value, spec))


MAX_HEADER_CHARS = 1000  # of an Accept-Language; the rest is ignored
MAX_TAG_CHARS = 35  # as BCP 47 recommends
LOCALE_DIR = Path(__file__).parent / "locale"
ENGLISH = Language("en")
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {"en": ENGLISH} | {path.stem: Language(path.stem, path) for path in sorted(LOCALE_DIR.glob("*.po"))}
)
"""By tag. Each file in `locale/` is a language."""


def load_languages() -> None:
    for language in LANGUAGES.values():
        language.load()


def match_language(tag: str) -> Language:
    """Return the language of a tag such as "de-AT": that one, or the more general one, or English."""
    return _find_language(tag) or ENGLISH


def negotiate_language(accept_language: str) -> Language:
    """Return the available language that an Accept-Language header prefers; English if there is none."""
    ordered = sorted(_parse_accept_language(accept_language), key=lambda weighted: -weighted[0])
    return next((language for _, tag in ordered if (language := _find_language(tag))), ENGLISH)


def _find_language(tag: str) -> Language | None:
    if len(tag) > MAX_TAG_CHARS:
        return None  # looking up all its prefixes takes quadratic time
    if tag in LANGUAGES:
        return LANGUAGES[tag]
    known = {name.lower(): language for name, language in LANGUAGES.items()}
    parts = tag.strip().lower().replace("_", "-").split("-")
    wider = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[name] for name in wider if name in known), None)


def _parse_accept_language(header: str) -> Iterable[tuple[float, str]]:
    for part in header[:MAX_HEADER_CHARS].split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.partition("q=")[2] or 1)
        except ValueError:
            continue
        if quality > 0:
            yield quality, tag


def request_language(request: "HttpRequest | Request") -> Language:
    """Return the language of the request's Accept-Language; English without one."""
    return negotiate_language(request.headers.get("accept-language", ""))
