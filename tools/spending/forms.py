from typing import Any

from django import forms

from netra.core.models import User
from tools.spending.dollars import MOST
from tools.spending.models import Budget


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    class Meta:
        model = Budget
        fields = ("name", "user", "group", "together", "tool", "period", "limit", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "limit" in self.fields:  # for who may only look, the admin leaves all of them out
            self.fields["limit"].error_messages |= {
                "invalid": "This is no amount. Write US dollars as in 12.50.",
                "min_value": "A budget cannot be less than nothing.",
                "max_value": f"A budget can be {MOST:,} USD at most.",
            }
            self.fields["name"].error_messages["unique"] = "There is a budget of this name already."

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        if given is None:
            return None
        user, group = given.get("user"), given.get("group")
        if user and group:
            self.add_error("group", "A budget is for a user or for a group, not for both: make two.")
        if given.get("together") and isinstance(user, User):
            self.add_error(
                "together", f"Only {user.username} spends from this budget: there is nobody to share it with."
            )
        if given.get("together") and given.get("period") == "run":
            self.add_error("together", "A run is one user's: a budget of each run cannot be shared.")
        return given
