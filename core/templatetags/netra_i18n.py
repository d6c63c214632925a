"""`{% say "An English sentence" %}` and `{% spoken %}`: a page's texts in the language of its request."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template import Context, Library, Node, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.html import conditional_escape
from django.utils.text import unescape_string_literal

from core.i18n.catalog import find_template_fields
from core.i18n.language import ENGLISH, Language, request_language
from core.i18n.text import Text

register = Library()

LITERAL = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class TranslatedTextNode(Node):
    """A translated sentence whose fields `values` fill. All of it is escaped: translations and values are no markup."""

    def __init__(self, sentence: str, values: Mapping[str, FilterExpression]) -> None:
        self._sentence = sentence
        self._values = values

    def render(self, context: Context) -> str:
        values = {name: value.resolve(context) for name, value in self._values.items()}
        words = get_context_language(context).translate(Text(self._sentence, None, values))
        return conditional_escape(words) if context.autoescape else words


@register.tag
def say(parser: Parser, token: Token) -> TranslatedTextNode:
    """`{% say "Revoke {key}" key=token.key %}`. The sentence is a literal, as catalogs are extracted from templates."""
    _, *parts = token.split_contents()
    if not parts or not LITERAL.fullmatch(parts[0]):
        raise TemplateSyntaxError("say takes a sentence in double quotes, then name=value for each of its fields")
    rest = parts[1:]
    values = token_kwargs(rest, parser)
    if rest:
        raise TemplateSyntaxError(f"say cannot use {rest[0]}: fields are filled by name=value")
    sentence = unescape_string_literal(parts[0])
    if find_template_fields(sentence) != set(values):
        raise TemplateSyntaxError(f"say got {', '.join(values) or 'nothing'} for the fields of {sentence!r}")
    return TranslatedTextNode(sentence, values)


@register.simple_tag(takes_context=True, name="spoken")
def get_language_tag(context: Context) -> str:
    """Return the language's tag, for `<html lang>`."""
    return get_context_language(context).tag


def get_context_language(context: Context) -> Language:
    """Return the context's `language`, for pages rendered without a request, or else the request's language."""
    language: Any = context.get("language")
    if isinstance(language, Language):
        return language
    request: Any = context.get("request")
    return request_language(request) if isinstance(request, HttpRequest) else ENGLISH
