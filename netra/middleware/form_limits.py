"""How long what is typed into a page of the sign-in may be: looked at before a form, a database or a password's hash
sees it. Unicode's normal form, which names and addresses are compared by, takes time that grows with the square."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from netra.errorpages import answer
from netra.language.text import text

PAGES = "/accounts/"
CHARACTERS = 2048
"""Of one field: an address to go on to is the longest there is."""


class FormLimitsMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(PAGES):
            return None
        given = (value for fields in (request.GET, request.POST) for _, values in fields.lists() for value in values)
        if all(len(value) <= CHARACTERS for value in given):
            return None
        words = text("A field of this form is too long: enter at most {most:,} characters.", most=CHARACTERS)
        return answer(request, 400, "bad_input", words)
