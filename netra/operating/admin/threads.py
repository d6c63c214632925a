"""Conversations: asked for, and read with consent on a page that is an answer to a form and has no address."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from agents.admin import ThreadAdmin
from agents.models import Thread
from netra.operating.admin.acted import acted

admin.site.unregister(Thread)


class WithReason(ActionForm):
    why = forms.CharField(label="Why (the user reads it):", required=False, max_length=300)


@admin.register(Thread)
class OperatedThreadAdmin(ThreadAdmin):
    actions = ("ask_consent", "read")  # type: ignore[assignment]  # the base has none
    action_form = WithReason

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.ask_consent")

    def has_read_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.read_conversation")

    @admin.action(description="Ask the user for consent to read it", permissions=["ask"])
    def ask_consent(self, request: HttpRequest, queryset: QuerySet[Thread]) -> None:
        why = request.POST.get("why", "").strip()
        if not why:
            self.message_user(request, "Say why, the user reads it: nobody was asked.", messages.WARNING)
            return
        for pk, owner_id in queryset.values_list("pk", "owner_id"):
            arguments = {"user": str(owner_id), "thread_id": str(pk), "why": why}
            if acted(self, request, "ask_consent", arguments) is not None:
                self.message_user(request, "Asked: the user answers in their chat.", messages.SUCCESS)

    @admin.action(description="Read it, with the user's consent", permissions=["read"])
    def read(self, request: HttpRequest, queryset: QuerySet[Thread]) -> HttpResponse | None:
        chosen = list(queryset.values_list("pk", "owner_id")[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one conversation to read.", messages.WARNING)
            return None
        ((pk, owner_id),) = chosen
        result = acted(self, request, "read_conversation", {"user": str(owner_id), "thread_id": str(pk)})
        if result is None:
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "A conversation, read with consent",
            "opts": self.model._meta,
            "words": result.value,
        }
        return TemplateResponse(request, "admin/operating/conversation.html", context)
