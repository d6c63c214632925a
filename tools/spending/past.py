"""Money that was set aside for calls which nobody has settled: their workers are gone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from netra.core.waste import Waste
from netra.language.text import text
from tools.spending.models import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class PastHolds:
    """Expired before `now` (aware, UTC); they hold nothing any more."""

    now: datetime

    def found(self) -> Waste:
        return self._waste(Hold.objects.filter(expires_at__lte=self.now).count())

    def remove(self) -> Waste:
        with transaction.atomic():
            # What somebody settles at this moment goes with that; nobody waits here.
            past = Hold.objects.filter(expires_at__lte=self.now).select_for_update(skip_locked=True)
            removed, _ = Hold.objects.filter(id__in=list(past.values_list("id", flat=True))).delete()
        return self._waste(removed)

    def _waste(self, count: int) -> Waste:
        return Waste(what=text("expired reservations of money"), count=count)
