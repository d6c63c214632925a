"""Limit the length of fields in the sign-in's forms, before a form, the database or a password hash gets them.

Unicode normalization, by which names and addresses are compared, takes quadratic time."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from core.i18n.text import text
from netra.error_pages import render_error

LIMITED_PATH = "/accounts/"
MAX_FIELD_CHARACTERS = 2048
"""Of one field. The longest valid one is a URL to redirect to."""


class FormLimitsMiddleware(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(LIMITED_PATH):
            return None
        fields = (value for data in (request.GET, request.POST) for _, values in data.lists() for value in values)
        if all(len(value) <= MAX_FIELD_CHARACTERS for value in fields):
            return None
        words = text("A field of this form is too long: enter at most {most:,} characters.", most=MAX_FIELD_CHARACTERS)
        return render_error(request, 400, "bad_input", words)
