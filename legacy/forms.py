"""Form of a rollout rule, and its validation."""

from typing import Any

from django import forms

from agents.framework.registry import AGENTS
from legacy.models import RolloutRule

TARGET_FIELDS = ("percentage", "group", "user")


class RolloutRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    why = forms.CharField(
        label="Why this change",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the rule's history, with your name.",
    )

    class Meta:
        model = RolloutRule
        fields = ("agent", "path", *TARGET_FIELDS, "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "agent" not in self.fields:
            return  # with view permission only, the admin has no form fields
        # A rule keeps its agent even if the registry no longer has it.
        names = dict.fromkeys([*AGENTS, *([self.instance.agent] if self.instance.agent else [])])
        self.fields["agent"] = forms.ChoiceField(choices=[(name, name) for name in names])

    def clean_percentage(self) -> int | None:
        percentage: int | None = self.cleaned_data["percentage"]
        if percentage is not None and percentage > 100:
            raise forms.ValidationError("A percentage is 100 at most.")
        return percentage

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        named = {name: given[name] for name in TARGET_FIELDS if given[name] is not None}
        if len(named) != 1:
            self.add_error(None, "A rule is for a percentage, for a group or for a user: give one of the three.")
            return given
        before = self.instance.pk and self.initial.get("user")
        if self.instance.pk and before != (given["user"].pk if given["user"] else None):
            # A user's rules are deleted with the user, and so are their versions: these must not be another target's.
            self.add_error("user", "Whom a rule names is not changed to or from a user: switch it off, add another.")
        elif given["enabled"]:
            self._check_unique_target(given, named)
        return given

    def _check_unique_target(self, given: dict[str, Any], named: dict[str, Any]) -> None:
        same = {"percentage__isnull": False} if "percentage" in named else named
        others = RolloutRule.objects.filter(agent=given["agent"], enabled=True, **same).exclude(pk=self.instance.pk)
        if "percentage" in named:
            others = others.filter(path=given["path"])
        if (other := others.first()) is not None:
            self.add_error(None, f"Rule {other.pk} says so for the same people already: change that one.")
