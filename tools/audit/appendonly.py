"""Tables to which rows are added and in which nothing is changed: this code refuses; the chain shows what others do."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from netra.core.exceptions import Defect

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class AppendOnly(Defect):
    """Somebody wanted to change what is only ever added to."""

    code = "append_only"


def _refused(*_: Any, **__: Any) -> NoReturn:
    raise AppendOnly("the audit is added to by tools.audit alone; no row of it is changed or deleted")


class AppendOnlyQuerySet(models.QuerySet[M_co]):
    update = delete = bulk_update = update_or_create = _refused
    _update = _raw_delete = _refused


class AppendOnlyModel(models.Model):
    """Its rows come by `bulk_create` or plain SQL from the code that chains them, and by nothing else."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        # Also what Django itself takes for deleting and refreshing.
        base_manager_name = "objects"
        default_permissions = ("view",)

    save = delete = save_base = _refused
