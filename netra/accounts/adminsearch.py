"""What the administration's lists take from their address: each word that is searched is a condition of its own in the
database, and so is each column that is sorted by."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from netra.language.languages import ENGLISH

CHARACTERS = 200
WORDS = 8
COLUMNS = 20
SEARCHES = ("q", "term")
"""The parameters that hold words: of a list, and of a field that completes what is typed."""

REFUSAL = (
    f"This search is too long: enter at most {WORDS} words and {CHARACTERS} characters, and sort by at most {COLUMNS} "
    "columns."
)


def is_too_long(request: HttpRequest) -> bool:
    searched = [words for name in SEARCHES for words in request.GET.getlist(name)]
    return (
        any(len(words) > CHARACTERS or len(words.split()) > WORDS for words in searched)
        or sum(order.count(".") + 1 for order in request.GET.getlist("o")) > COLUMNS
    )


def with_short_searches(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, for requests whose search is short; 400 with a sentence for others."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> Any:
        return _refused() if is_too_long(request) else view(request, *args, **options)

    return answer


def _refused() -> HttpResponse:
    return HttpResponse(render_to_string("error.html", {"message": REFUSAL, "language": ENGLISH}), status=400)
