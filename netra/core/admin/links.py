from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def to_row(page: str, pk: Any, text: str) -> SafeString:
    """A link to one row; `page` is app_model. A name and no import: what is linked may live in a room above."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[pk]), text)


def to_page(page: str, text: str, **query: Any) -> SafeString:
    """A link to a page of its own."""
    asked: Mapping[str, str] = {name: str(value) for name, value in query.items()}
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{page}"), urlencode(asked), text)


def to_rows(page: str, text: str, **lookups: Any) -> SafeString:
    """A link to the rows that fit."""
    return to_page(f"{page}_changelist", text, **lookups)
