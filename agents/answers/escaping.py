"""Escape the names in a text, which come from a log or a question, so that the text can be shown as Markdown."""

from core.i18n.text import FormattedNumber, Text, Value
from workloads.report.escaping import escape_name, escape_prose


def escape_text(words: str) -> Text:
    """Return a text with all values that are neither our own texts nor numbers escaped.

    A name that would otherwise be taken for markup becomes a code span.
    """
    if not isinstance(words, Text):
        return Text("{words}", None, {"words": _escape(str(words))})
    return Text(words.template, words.plural, {name: _escape_value(value) for name, value in words.values.items()})


def _escape_value(value: Value) -> Value:
    if isinstance(value, Text):
        return escape_text(value)
    return _escape(value) if isinstance(value, str) and not isinstance(value, FormattedNumber) else value


def _escape(name: str) -> str:
    plain = escape_prose(name)
    return plain if plain == name or not name.strip() else str(escape_name(name))
