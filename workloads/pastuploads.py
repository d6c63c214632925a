"""Uploads that are over: finished, and said so for a day; or not gone on with for as long as they are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q

from netra.core.exceptions import NotFound
from netra.core.models import OwnedQuerySet
from netra.core.ondisk import look
from netra.core.waste import Waste
from netra.language.text import text
from workloads import uploads
from workloads.models import Upload

TOLD = timedelta(days=1)  # a client that did not hear of the end asks again within it


@dataclass(frozen=True, slots=True, kw_only=True)
class PastUploads:
    """Of all users. Logs that came of them stay, and so do their bytes, wherever they lie."""

    data_dir: Path
    now: datetime

    def found(self) -> Waste:
        return self._waste([(upload, self._size(upload)) for upload in self._past()])

    def remove(self) -> Waste:
        gone = [(upload, self._size(upload)) for upload in self._past()]
        for upload, _ in gone:
            try:
                uploads.discard(upload.owner_id, upload.id, self.data_dir)
            except NotFound:
                continue  # its owner was faster
        return self._waste(gone)

    def _past(self) -> OwnedQuerySet[Upload]:
        finished = Q(workload__created_at__lt=self.now - TOLD)  # a log is made with its upload's last byte
        left = Q(workload=None, created_at__lt=self.now - uploads.KEPT)
        past: OwnedQuerySet[Upload] = Upload.objects.filter(finished | left)
        return past

    def _size(self, upload: Upload) -> int:
        """Bytes that go with it: those of a finished one are its log's."""
        there = look(upload.path(self.data_dir)) if upload.workload_id is None else None
        return there.size if there else 0

    def _waste(self, these: list[tuple[Upload, int]]) -> Waste:
        return Waste(what=text("uploads that are over"), count=len(these), size=sum(size for _, size in these))
