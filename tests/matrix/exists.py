"""All routes, tools, pages and frames that exist, so that nobody can add one without a row."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.urls import URLPattern, URLResolver

from realtime.protocol import CLIENT_FRAME_TYPES

METHODS = ("get", "post", "put", "patch", "delete")


Patterns = Sequence[URLPattern | URLResolver]


def addresses(patterns: Patterns, above: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every address below these, as the URLconf writes it, and its view."""
    for each in patterns:
        here = above + str(each.pattern)
        if isinstance(each, URLPattern):
            yield here, each.callback
        else:
            yield from addresses(each.url_patterns, here)


def methods(view: Any) -> Iterator[str]:
    """A viewset says so itself; of a view it is the class's."""
    if actions := getattr(view, "actions", None):
        yield from (each for each in actions if each != "head")  # which a viewset that was asked something has too
    else:
        yield from (each for each in METHODS if hasattr(view.cls, each))


def routes(patterns: Patterns) -> set[str]:
    """Return the routes, such as "GET api/runs/"."""
    return {
        f"{method.upper()} {address}"
        for address, view in addresses(patterns)
        if address.startswith("api/")
        for method in methods(view)
    }


def pages(patterns: Patterns) -> set[str]:
    """Every address of the admin."""
    return {address for address, _ in addresses(patterns) if address.startswith("admin/")}


def frames() -> set[str]:
    """The types that a client may say."""
    return set(CLIENT_FRAME_TYPES)
