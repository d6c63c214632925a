"""A language that Netra can speak."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import NullTranslations
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, SupportsInt, cast

from babel import Locale
from babel.messages import Catalog

from netra.language.catalogue import PAGE, catalogue, ids, translations
from netra.language.echo import english_of
from netra.language.text import Figure, Text

UP_TO = 1000
"""Numbers that are asked for their plural form, to find what forms a text has."""


@dataclass(frozen=True)
class Language:
    """`tag` is a language tag such as "de" or "pt-BR"; `path` its catalogue, None for the one the code is written in.

    The catalogue is read once, when it is first needed, and never changes.
    """

    tag: str
    path: Path | None = None

    def say(self, words: str) -> str:
        """A Text or Figure in this language; what its catalogue lacks, in English. Any other str as it is."""
        if self.path is None or not isinstance(words, Text | Figure):
            return str.__str__(words)
        return self.number(words) if isinstance(words, Figure) else self._said(words)

    def within(self, words: str) -> str:
        """The same as it stands within a sentence: English writes a title small there, others have their own rules."""
        return self.say(words).lower() if self.path is None else self.say(words)

    def number(self, english: str) -> str:
        """What English writes as "1,234.5", with this language's separators."""
        return english if self.path is None else english.translate(self._separators)

    def read(self) -> None:
        """Read now what is read once: a catalogue holds up whoever first says something in it."""
        if self.path is not None:
            _ = (self._known, self._separators, self.english_name, self.page)

    @cached_property
    def english_name(self) -> str:
        return str(self._locale.english_name)

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return self._locale.text_direction

    @cached_property
    def page(self) -> Mapping[str, str | Mapping[str, str]]:
        """The chat page's texts by its names for them; with plural forms, by their CLDR category ("one", "other")."""
        messages = [(message.context or "", ids(message)) for message in self._catalog]
        return MappingProxyType(
            {
                context.removeprefix(PAGE): self._forms(context, english)
                for context, english in messages
                if context.startswith(PAGE)
            }
        )

    def english(self, words: str, *beginnings: str) -> str | None:
        """What somebody says back to us, in English, where it is one of the page's texts whose names begin so."""
        if self.path is None:
            return None
        texts = ((message.context or "", ids(message), message.string) for message in self._catalog)
        for context, english, translated in texts:
            if context.removeprefix(PAGE).startswith(beginnings) and isinstance(translated, str):
                said = english_of(words, translated, english[0])
                if said is not None:
                    return said
        return None

    def _forms(self, context: str, english: tuple[str, ...]) -> str | Mapping[str, str]:
        if len(english) == 1:
            return self._known.pgettext(context, english[0])
        rule, (one, other) = self._locale.plural_form, english
        return {rule(n): self._known.npgettext(context, one, other, n) for n in range(UP_TO, -1, -1)}

    def _said(self, words: Text) -> str:
        if not words.template:
            return ""
        if words.plural is None:
            template = self._known.gettext(words.template)
        else:
            n = int(cast(SupportsInt, words.values["n"]))
            template = self._known.ngettext(words.template, words.plural, n)
        return _Filled(self).vformat(template, (), words.values) if words.values else template

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.tag, sep="-")

    @cached_property
    def _separators(self) -> Mapping[int, str]:
        symbols = self._locale.number_symbols["latn"]
        return MappingProxyType({ord(","): symbols["group"], ord("."): symbols["decimal"]})

    @cached_property
    def _catalog(self) -> Catalog:
        return Catalog() if self.path is None else catalogue(self.path)

    @cached_property
    def _known(self) -> NullTranslations:
        return translations(self._catalog)


class _Filled(Formatter):
    """str.format, with numbers written as the language writes them and our own words said in it."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, str):
            return format(self._language.say(value), spec)
        return self._language.number(format(value, spec))
