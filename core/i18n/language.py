"""The available languages, translation into one of them, and the language that a client or request asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import NullTranslations
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, SupportsInt, cast

from babel import Locale
from babel.messages import Catalog
from django.http import HttpRequest
from rest_framework.request import Request

from core.i18n.catalog import PAGE_CONTEXT_PREFIX, compile_translations, list_english_forms, load_catalog
from core.i18n.text import Figure, Text

MAX_ECHO_CHARS = 1000
"""Characters; the page offers no question that is longer."""


def translate_back(words: str, translated: str, english: str) -> str | None:
    """The English template filled with what stands in the fields of the translated one, where `words` are that."""
    words = words.strip()
    if len(words) > MAX_ECHO_CHARS:
        return None
    fields = _match_fields(words, [(literal, name) for literal, name, _, _ in Formatter().parse(translated)])
    return None if fields is None else english.format_map(fields)


def _match_fields(words: str, parts: list[tuple[str, str | None]]) -> dict[str, str] | None:
    """What stands for each name, as little as can be, or None. Nothing is looked at twice: a field ends at the first
    place where the fixed part after it stands, and what stands before the last fixed part is the last field."""
    *inner, (end, open_field) = parts or [("", None)]
    if open_field is not None:
        inner, end = [*inner, (end, open_field)], ""
    found: dict[str, str] = {}
    at, waiting = 0, None  # where the next part begins, and the field before it
    for literal, name in inner:
        start = at if waiting is None else words.find(literal, at + 1)
        if start < 0 or not words.startswith(literal, start):
            return None
        if waiting is not None:
            found[waiting] = words[at:start]
        at, waiting = start + len(literal), name
    start = len(words) - len(end)
    if not words.endswith(end) or (start <= at if waiting is not None else start != at):
        return None
    return found if waiting is None else found | {waiting: words[at:start]}


MAX_PLURAL_SAMPLE = 1000
"""Numbers that are asked for their plural form, to find what forms a text has."""


@dataclass(frozen=True)
class Language:
    """`tag` is a language tag such as "de" or "pt-BR"; `path` its catalogue, None for the one the code is written in.

    The catalogue is read once, when it is first needed, and never changes.
    """

    tag: str
    path: Path | None = None

    def translate(self, words: str) -> str:
        """A Text or Figure in this language; what its catalogue lacks, in English. Any other str as it is."""
        if self.path is None or not isinstance(words, Text | Figure):
            return str.__str__(words)
        return self.format_number(words) if isinstance(words, Figure) else self._translate_text(words)

    def translate_inline(self, words: str) -> str:
        """The same as it stands within a sentence: English writes a title small there, others have their own rules."""
        return self.translate(words).lower() if self.path is None else self.translate(words)

    def format_number(self, english: str) -> str:
        """What English writes as "1,234.5", with this language's separators."""
        return english if self.path is None else english.translate(self._separators)

    def load(self) -> None:
        """Read now what is read once: a catalogue holds up whoever first says something in it."""
        if self.path is not None:
            _ = (self._translations, self._separators, self.english_name, self.page_texts)

    @cached_property
    def english_name(self) -> str:
        return str(self._locale.english_name)

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return self._locale.text_direction

    @cached_property
    def page_texts(self) -> Mapping[str, str | Mapping[str, str]]:
        """The chat page's texts by its names for them; with plural forms, by their CLDR category ("one", "other")."""
        messages = [(message.context or "", list_english_forms(message)) for message in self._catalog]
        return MappingProxyType(
            {
                context.removeprefix(PAGE_CONTEXT_PREFIX): self._plural_forms(context, english)
                for context, english in messages
                if context.startswith(PAGE_CONTEXT_PREFIX)
            }
        )

    def to_english(self, words: str, *beginnings: str) -> str | None:
        """What somebody says back to us, in English, where it is one of the page's texts whose names begin so."""
        if self.path is None:
            return None
        texts = ((message.context or "", list_english_forms(message), message.string) for message in self._catalog)
        for context, english, translated in texts:
            if context.removeprefix(PAGE_CONTEXT_PREFIX).startswith(beginnings) and isinstance(translated, str):
                said = translate_back(words, translated, english[0])
                if said is not None:
                    return said
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
    """str.format, with numbers written as the language writes them and our own words said in it."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, str):
            return format(self._language.translate(value), spec)
        return self._language.format_number(format(value, spec))


MAX_HEADER_CHARS = 1000  # of an Accept-Language; what follows is not looked at
MAX_TAG_CHARS = 35  # characters, as BCP 47 recommends for all that handle tags
LOCALE_DIR = Path(__file__).parent / "locale"
ENGLISH = Language("en")
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {"en": ENGLISH} | {path.stem: Language(path.stem, path) for path in sorted(LOCALE_DIR.glob("*.po"))}
)
"""By tag. A file in `locale/` is a language."""


def load_languages() -> None:
    for each in LANGUAGES.values():
        each.load()


def match_language(tag: str) -> Language:
    """The language of a tag such as "de-AT": that one, or the one it is a kind of, or English."""
    return _find_language(tag) or ENGLISH


def negotiate_language(accept_language: str) -> Language:
    """The first of an Accept-Language header's that Netra speaks, by their weights; English without any."""
    ordered = sorted(_parse_accept_language(accept_language), key=lambda each: -each[0])
    return next((language for _, tag in ordered if (language := _find_language(tag))), ENGLISH)


def _find_language(tag: str) -> Language | None:
    if len(tag) > MAX_TAG_CHARS:
        return None  # its beginnings are looked up one after the other: what that costs grows with the square
    known = {name.lower(): language for name, language in LANGUAGES.items()}
    parts = tag.strip().lower().replace("_", "-").split("-")
    wider = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[each] for each in wider if each in known), None)


def _parse_accept_language(header: str) -> Iterable[tuple[float, str]]:
    for part in header[:MAX_HEADER_CHARS].split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.partition("q=")[2] or 1)
        except ValueError:
            continue
        if quality > 0:
            yield quality, tag


def request_language(request: HttpRequest | Request) -> Language:
    """By its Accept-Language; English without one."""
    return negotiate_language(request.headers.get("accept-language", ""))
