"""The page that says which rule decides."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from netra.core.exceptions import UserError
from tools.policy.asking import asked
from tools.policy.explaining import Explanation
from tools.policy.forms import WhyForm
from tools.policy.telling import quota_in_words


def why_view(request: HttpRequest, page: Any) -> HttpResponse:
    """For who may see policies. `?user=` fills in whom it is about; the question itself is posted."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    form = WhyForm(request.POST) if request.method == "POST" else WhyForm(initial={"user": request.GET.get("user")})
    told = _answer(form)
    context = {
        **page.admin_site.each_context(request),
        "title": "Why?",
        "opts": page.model._meta,
        "form": form,
        "told": told,
        "quota": quota_in_words(told.decision.quota) if told else "",
    }
    return TemplateResponse(request, "admin/policy/why.html", context)


def _answer(form: WhyForm) -> Explanation | None:
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return asked(**form.cleaned_data)
    except UserError as error:
        form.add_error(None, str(error))
        return None
