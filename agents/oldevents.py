"""Events of runs that ended long ago: the steps that were seen live, with the full results of their calls. Answers,
reports and recorded steps stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum

from agents.models import Run
from netra.core.floor import PAYLOAD_BYTES, drop
from netra.core.heads import lock_head
from netra.core.models import Event
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.core.waste import Waste
from netra.language.text import text
from tools.results import forget_results, results_size


@retry_on_conflict
def _forget_results(user_id: UUID, old: Q) -> None:
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        forget_results(user_id, old)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldEvents:
    """Of runs of all users that ended before a moment (aware, UTC)."""

    ended_before: datetime

    def found(self) -> Waste:
        count = size = 0
        for user_id, old in self._by_user():
            with as_user(user_id):
                some = Event.objects.for_user(user_id).filter(old)
                told = some.aggregate(count=Count("id"), size=Sum(PAYLOAD_BYTES))
                results = results_size(user_id, old)
            count, size = count + told["count"], size + (told["size"] or 0) + results
        return self._waste(count, size)

    def remove(self) -> Waste:
        size = self.found().size
        count = 0
        for user_id, old in self._by_user():
            count += drop(user_id, old)
            _forget_results(user_id, old)
        return self._waste(count, size)

    def _by_user(self) -> Iterator[tuple[UUID, Q]]:
        ended = Run.objects.filter(ended_at__lt=self.ended_before)
        for user_id in ended.order_by("owner_id").values_list("owner_id", flat=True).distinct():
            yield user_id, Q(run_id__in=ended.for_user(user_id).values("id"))

    def _waste(self, count: int, size: int) -> Waste:
        return Waste(
            what=text("events of runs that ended before {moment} UTC", moment=f"{self.ended_before:%Y-%m-%d %H:%M}"),
            count=count,
            size=size,
        )
