"""The operators' forms of policies, plans and subscriptions, and the form that asks for an explanation."""

from typing import Any, ClassVar

from django import forms

from core.exceptions import BadInput
from tools.base import PolicyEffect
from tools.policy.argument_limits import check_arguments_exist, validate_limits
from tools.policy.models import Plan, PlanAllowance, Policy, Subscription
from tools.registry import TOOLS

TARGET_FIELDS = ("group", "plan", "user")


def _format_title(name: str) -> str:
    return f"{TOOLS[name].title} ({name})" if name in TOOLS else name


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    why = forms.CharField(
        label="Reason for this change",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Saved in the policy's history with your name.",
    )

    class Meta:
        model = Policy
        fields = (
            *("effect", "tool", "category", *TARGET_FIELDS, "limits"),
            *("priority", "valid_from", "valid_until", "enabled", "reason"),
        )
        # The words of the form are here, because those of the model are part of its migrations.
        help_texts: ClassVar = {
            "tool": "Leave tool and category empty to apply the policy to all tools.",
            "limits": 'For allow and ask only, such as {"name": {"max_length": 40}}. See docs/policies.md.',
            "priority": "Of the allow and ask policies, the one with the highest priority decides. A deny always wins.",
            "valid_from": "UTC. If empty, the policy applies at once.",
            "valid_until": "UTC. If empty, the policy applies until it is disabled.",
            "reason": "Shown to the user. If empty, a standard message is shown.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tool" not in self.fields:
            return  # the admin leaves out all fields for operators who may only look
        # A tool that no longer exists stays the rule's tool.
        names = sorted({*TOOLS, *([self.instance.tool] if self.instance.tool else [])})
        self.fields["tool"] = forms.ChoiceField(
            choices=[("", "All tools"), *((name, _format_title(name)) for name in names)],
            required=False,
            help_text=self.fields["tool"].help_text,
        )
        self.fields["limits"].error_messages["invalid"] = 'Enter valid JSON, such as {"name": {"max_length": 40}}.'

    def clean_limits(self) -> Any:
        """Raises ValidationError if these are no valid limits."""
        limits = self.cleaned_data["limits"]
        if limits is None:
            return {}
        _raise_form_error(lambda: validate_limits(limits))
        return limits

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_tool(cleaned)
        self._check_target(cleaned)
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_until")
        if begins and ends and ends <= begins:
            self.add_error("valid_until", "The end must be after the start.")
        return cleaned

    def _check_tool(self, cleaned: dict[str, Any]) -> None:
        tool, limits = cleaned.get("tool") or "", cleaned.get("limits")
        if tool and cleaned.get("category"):
            self.add_error("category", "A policy applies to one tool or one category. Leave one of these fields empty.")
        if limits and cleaned.get("effect") == PolicyEffect.DENY:
            self.add_error("limits", "A deny policy can't have limits. To limit arguments, use an allow or ask policy.")
        elif limits and tool in TOOLS:
            try:
                check_arguments_exist(limits, TOOLS[tool].schema, tool)
            except BadInput as error:
                self.add_error("limits", str(error))

    def _check_target(self, cleaned: dict[str, Any]) -> None:
        if len([name for name in TARGET_FIELDS if cleaned.get(name)]) > 1:
            self.add_error(
                None,
                "A policy applies to one group, one plan or one user. Leave all three empty to apply it to everyone.",
            )
        before = self.initial.get("user") if self.instance.pk else None
        now = cleaned.get("user")
        if self.instance.pk and before != (now.pk if now else None) and "user" not in self.errors:
            # A user's policies and their versions are deleted with the user: no other history may be among them.
            self.add_error("user", "You can't change the user of an existing policy. Disable it and add a new one.")


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    class Meta:
        model = Plan
        fields = ("name", "slug", "rank", "stored_mb")
        help_texts: ClassVar = {
            "name": "Shown to users.",
            "slug": "The short name in audit rows.",
            "rank": "A plan with a higher rank is an upgrade.",
            "is_default": "Applies to users without a subscription, and to users whose trial has ended.",
            "stored_mb": "MiB for a user's logs, including uploads in progress. If empty, NETRA_STORED_BYTES applies.",
        }


class AllowanceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    class Meta:
        model = PlanAllowance
        fields = ("category", "per_minute", "at_once")
        help_texts: ClassVar = {
            "per_minute": "Calls of one tool that a user may start per minute. If empty, there is no limit.",
            "at_once": "Calls of one tool that a user may have running at a time. If empty, there is no limit.",
        }


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    class Meta:
        model = Subscription
        fields = ("user", "plan", "trial_ends")
        help_texts: ClassVar = {
            "trial_ends": "UTC. After the trial, the user is on the default plan. If empty, there is no trial.",
        }


def _raise_form_error(check: Any) -> None:
    try:
        check()
    except BadInput as error:
        raise forms.ValidationError(str(error)) from error


class ExplanationForm(forms.Form):
    """Asks which rule decides on a call."""

    user = forms.CharField(max_length=150, help_text="Username or user ID.")
    tool = forms.ChoiceField(choices=[(name, _format_title(name)) for name in TOOLS])
    arguments = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="JSON. If empty, argument limits are not checked.",
    )
