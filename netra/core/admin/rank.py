"""Whom somebody may change in the administration: nobody who may do more than they may."""

from django.contrib.auth.models import Permission
from django.db.models import Q

from netra.core.models import User


def outranks(other: User, user: User) -> bool:
    """Whether `other` may do something that `user` may not. Whoever is switched off counts as if they were not: who
    may change them could switch them on."""
    if user.is_superuser:
        return False
    if other.is_superuser:
        return True
    theirs = Permission.objects.filter(Q(user=other) | Q(group__user=other))
    named = {f"{app}.{codename}" for app, codename in theirs.values_list("content_type__app_label", "codename")}
    return not named <= user.get_all_permissions()
