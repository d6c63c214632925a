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
    """`values` fill the sentence's fields. Escaped whole: what a translator or a user wrote is text, never markup."""

    def __init__(self, sentence: str, values: Mapping[str, FilterExpression]) -> None:
        self._sentence = sentence
        self._values = values

    def render(self, context: Context) -> str:
        values = {name: value.resolve(context) for name, value in self._values.items()}
        words = get_context_language(context).translate(Text(self._sentence, None, values))
        return conditional_escape(words) if context.autoescape else words


@register.tag
def say(parser: Parser, token: Token) -> TranslatedTextNode:
    """`{% say "Revoke {key}" key=token.key %}`. The sentence is a literal: catalogues are made by reading templates."""
    _, *parts = token.split_contents()
    if not parts or not LITERAL.fullmatch(parts[0]):
        raise TemplateSyntaxError("say takes a sentence in double quotes, then name=value for each of its fields")
    rest = parts[1:]
    values = token_kwargs(rest, parser)
    if rest:
        raise TemplateSyntaxError(f"say cannot use {rest[0]}: name=value is what fills a field")
    sentence = unescape_string_literal(parts[0])
    if find_template_fields(sentence) != set(values):
        raise TemplateSyntaxError(f"say is given {', '.join(values) or 'nothing'} for the fields of {sentence!r}")
    return TranslatedTextNode(sentence, values)


@register.simple_tag(takes_context=True, name="spoken")
def get_language_tag(context: Context) -> str:
    """The language's tag, for `<html lang>`."""
    return get_context_language(context).tag


def get_context_language(context: Context) -> Language:
    """`language` of the context where a page is made without its request; else what the request asks for."""
    given: Any = context.get("language")
    if isinstance(given, Language):
        return given
    request: Any = context.get("request")
    return request_language(request) if isinstance(request, HttpRequest) else ENGLISH
