"""What a page was given and cannot use, where its form did not find out: another's request came first."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from netra import errorpages
from netra.core.exceptions import BadInput


class BadInputMiddleware(MiddlewareMixin):
    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """400 with its words; anything else stays a defect."""
        if not isinstance(exception, BadInput):
            return None
        return errorpages.answer(request, 400, exception.code, exception.words)
