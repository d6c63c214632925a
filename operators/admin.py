"""Operators' admin pages. Each action is one call through the operators' dispatcher."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from agents.admin import RunAdmin, ThreadAdmin
from agents.models import Run, Thread
from core.admin.base import ReadOnlyAdmin, link_to_row, link_to_rows
from core.api.views import get_publish
from core.context import ConnectionContext
from core.db import as_all_users
from core.exceptions import InvalidContext
from core.i18n.text import plural_text
from core.models import User
from operators.dispatcher import AdminToolDispatcherFactory
from operators.models import Consent
from operators.registry import OPERATOR_TOOLS
from tools.errors import ToolFailed, ToolRefused
from tools.results import ToolResult
from workloads.api.configuration import get_data_dir

ADMIN_AGENT = "admin"  # the agent in the audit


def dispatch_call(request: HttpRequest, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
    """Make a call for the signed-in operator. Raises ToolRefused or ToolFailed, whose messages may be shown."""
    context = _build_context(request)

    async def dispatch() -> ToolResult:
        factory = AdminToolDispatcherFactory(
            catalog=OPERATOR_TOOLS, data_dir=get_data_dir(), publish=get_publish(request)
        )
        async with factory.for_context(context, agent=ADMIN_AGENT) as dispatcher:
            return await dispatcher.dispatch(tool, arguments)

    return async_to_sync(dispatch)()


def _build_context(request: HttpRequest) -> ConnectionContext:
    user = request.user
    if not isinstance(user, User):
        raise InvalidContext("a request without a signed-in user")
    return ConnectionContext(
        user_id=user.id,
        request_id=getattr(request, "request_id", None) or uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
    )


def dispatch_or_show_error(page: Any, request: HttpRequest, tool: str, arguments: dict[str, Any]) -> ToolResult | None:
    """Make a call, or show on the page why it was refused or failed, and return None."""
    try:
        return dispatch_call(request, tool, arguments)
    except (ToolRefused, ToolFailed) as error:
        page.message_user(request, str(error), messages.ERROR)
        return None


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Requests for consent and their answers. Only the users themselves give, decline and withdraw, in their chat."""

    list_display = ("asked_at", "of_user", "of_operator", "current_state", "given_at", "expires_at", "withdrawn_at")
    list_filter = ("asked_at", "given_at")
    list_select_related = ("owner", "operator")
    date_hierarchy = "asked_at"
    search_fields = ("=id", "=thread__id", "=owner__id", "^owner__username", "^operator__username")
    search_help_text = "The id of a consent, conversation or user, or the beginning of a user's or operator's name"
    linked_lookups = ("owner__id__exact",)
    ordering = ("-asked_at",)
    fields = (
        *("id", "of_user", "of_operator", "of_thread", "current_state", "why"),
        *("asked_at", "given_at", "expires_at", "declined_at", "withdrawn_at", "audit"),
    )
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, consent: Consent) -> SafeString:
        return link_to_row("core_user", consent.owner_id, consent.owner.username)

    @admin.display(description="operator", ordering="operator__username")
    def of_operator(self, consent: Consent) -> SafeString | str:
        operator = consent.operator
        return "deleted" if operator is None else link_to_row("core_user", operator.pk, operator.username)

    @admin.display(description="conversation")
    def of_thread(self, consent: Consent) -> SafeString | str:
        return (
            "all"
            if consent.thread_id is None
            else link_to_row("agents_thread", consent.thread_id, str(consent.thread_id))
        )

    @admin.display(description="state")
    def current_state(self, consent: Consent) -> str:
        return consent.state(datetime.now(UTC))

    @admin.display(description="audit")
    def audit(self, consent: Consent) -> SafeString:
        return link_to_rows("audit_auditrow", "Audit of this user", q=consent.owner_id)


# agents.admin has registered both, without the operators' actions.
admin.site.unregister(Thread)
admin.site.unregister(Run)


class ConsentReasonForm(ActionForm):
    why = forms.CharField(label="Reason (shown to the user):", required=False, max_length=300)


@admin.register(Thread)
class OperatorThreadAdmin(ThreadAdmin):
    actions = ("ask_consent", "read")  # type: ignore[assignment]  # the base has none
    action_form = ConsentReasonForm

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.ask_consent")

    def has_read_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.read_conversation")

    @admin.action(description="Request the user's consent to read it", permissions=["ask"])
    def ask_consent(self, request: HttpRequest, queryset: QuerySet[Thread]) -> None:
        why = request.POST.get("why", "").strip()
        if not why:
            self.message_user(request, "No request was sent. Enter a reason; the user will see it.", messages.WARNING)
            return
        with as_all_users():
            chosen = list(queryset.values_list("pk", "owner_id"))
        for pk, owner_id in chosen:
            arguments = {"user": str(owner_id), "thread_id": str(pk), "why": why}
            if dispatch_or_show_error(self, request, "ask_consent", arguments) is not None:
                self.message_user(request, "Request sent. The user answers in their chat.", messages.SUCCESS)

    @admin.action(description="Read with the user's consent", permissions=["read"])
    def read(self, request: HttpRequest, queryset: QuerySet[Thread]) -> HttpResponse | None:
        with as_all_users():
            chosen = list(queryset.values_list("pk", "owner_id")[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one conversation to read.", messages.WARNING)
            return None
        ((pk, owner_id),) = chosen
        result = dispatch_or_show_error(
            self, request, "read_conversation", {"user": str(owner_id), "thread_id": str(pk)}
        )
        if result is None:
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Conversation",
            "opts": self.model._meta,
            "conversation": result.value,
        }
        return TemplateResponse(request, "admin/operating/conversation.html", context)


@admin.register(Run)
class OperatorRunAdmin(RunAdmin):
    actions = ("cancel",)  # type: ignore[assignment]  # the base has none

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.cancel_run")

    @admin.action(description="Cancel runs", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        with as_all_users():
            chosen = [{"run_id": str(pk)} for pk in queryset.values_list("pk", flat=True)]
        count = sum(dispatch_or_show_error(self, request, "cancel_run", each) is not None for each in chosen)
        if count:
            message = plural_text("Cancelling {n} run.", "Cancelling {n} runs.", n=count)
            self.message_user(request, str(message), messages.SUCCESS)
