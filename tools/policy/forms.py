"""The forms in which operators write a policy or ask for an explanation; they refuse wrong input in plain words."""

from typing import Any

from django import forms

from core.exceptions import BadInput
from tools.base import PolicyEffect
from tools.policy.argument_limits import check_arguments_exist, validate_limits
from tools.policy.models import Policy
from tools.registry import TOOLS

TARGET_FIELDS = ("group", "plan", "user")


def _format_title(name: str) -> str:
    return f"{TOOLS[name].title} ({name})" if name in TOOLS else name


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    why = forms.CharField(
        label="Why this change",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the policy's history, with your name.",
    )

    class Meta:
        model = Policy
        fields = (
            *("effect", "tool", "category", *TARGET_FIELDS, "limits"),
            *("priority", "valid_from", "valid_until", "enabled", "reason"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tool" not in self.fields:
            return  # the admin leaves out all fields for operators who may only look
        # A tool that no longer exists stays the rule's tool.
        names = sorted({*TOOLS, *([self.instance.tool] if self.instance.tool else [])})
        self.fields["tool"] = forms.ChoiceField(
            choices=[("", "every tool"), *((name, _format_title(name)) for name in names)],
            required=False,
            help_text=self.fields["tool"].help_text,
        )
        self.fields["limits"].error_messages["invalid"] = (
            'This is no JSON. Write it as in {"name": {"max_length": 40}}.'
        )

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
            self.add_error("valid_until", "It ends before it begins.")
        return cleaned

    def _check_tool(self, cleaned: dict[str, Any]) -> None:
        tool, limits = cleaned.get("tool") or "", cleaned.get("limits")
        if tool and cleaned.get("category"):
            self.add_error("category", "A policy is for one tool or for one category: leave one of them empty.")
        if limits and cleaned.get("effect") == PolicyEffect.DENY:
            self.add_error("limits", "A deny has no limits: it denies. To bound arguments, allow or ask with limits.")
        elif limits and tool in TOOLS:
            try:
                check_arguments_exist(limits, TOOLS[tool].schema, tool)
            except BadInput as error:
                self.add_error("limits", str(error))

    def _check_target(self, cleaned: dict[str, Any]) -> None:
        if len([name for name in TARGET_FIELDS if cleaned.get(name)]) > 1:
            self.add_error(
                None, "A policy is to a group, a plan or a user: leave the others empty, or all for everyone."
            )
        before = self.initial.get("user") if self.instance.pk else None
        now = cleaned.get("user")
        if self.instance.pk and before != (now.pk if now else None) and "user" not in self.errors:
            # A user's policies and their versions are deleted with the user: no other history may be among them.
            self.add_error(
                "user", "Whom a policy names is not changed to or from a user: switch it off and add another."
            )


def _raise_form_error(check: Any) -> None:
    try:
        check()
    except BadInput as error:
        raise forms.ValidationError(str(error)) from error


class ExplanationForm(forms.Form):
    """The form of the question which rule decides on a call."""

    user = forms.CharField(max_length=150, help_text="A name or an id.")
    tool = forms.ChoiceField(choices=[(name, _format_title(name)) for name in TOOLS])
    arguments = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="JSON; empty: argument limits are not looked at.",
    )
