"""Slots that count for nothing any more, of users who have not called the tool again since."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from netra.core.waste import Waste
from netra.language.text import text
from tools.quota.models import Slot
from tools.quota.slots import WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSlots:
    """Left the window and given back, or expired, before `now` (aware, UTC)."""

    now: datetime

    def found(self) -> Waste:
        return self._waste(self._past().count())

    def remove(self) -> Waste:
        with transaction.atomic():
            # What somebody gives back at this moment is left for the next time; nobody waits here.
            past = list(self._past().select_for_update(skip_locked=True).values_list("id", flat=True))
            removed, _ = Slot.objects.filter(id__in=past).delete()
        return self._waste(removed)

    def _past(self) -> QuerySet[Slot]:
        over = Q(given_back_at__isnull=False) | Q(expires_at__lte=self.now)
        return Slot.objects.filter(over, taken_at__lte=self.now - WINDOW)

    def _waste(self, count: int) -> Waste:
        return Waste(what=text("past slots of tool calls"), count=count)
