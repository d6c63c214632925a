"""The chat page's shell; its content comes over REST and the websocket."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@login_required
def chat(request: HttpRequest) -> HttpResponse:
    """Render the page for a signed-in user. Never cached: it carries the session's CSRF token."""
    return render(request, "realtime/chat.html")
