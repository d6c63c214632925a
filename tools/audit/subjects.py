"""Who users are in the audit. Made at their first row; several processes may do that at once."""

import secrets
from collections.abc import Iterable
from uuid import UUID, uuid4

from tools.audit.digests import Subject
from tools.audit.models import AuditHead, AuditSubject


def subjects_of(user_ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Of those who have one."""
    found = AuditSubject.objects.filter(owner_id__in=list(user_ids)).values_list("owner_id", "subject", "key")
    return {owner: Subject(name, bytes.fromhex(key)) for owner, name, key in found}


def made(user_ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Of all of them, each with the head of a chain. In the order of their keys, so that two who make several cannot
    wait for each other."""
    users = sorted(user_ids)
    drawn = [AuditSubject(owner_id=each, subject=uuid4().hex, key=secrets.token_hex(32)) for each in users]
    AuditSubject.objects.bulk_create(drawn, ignore_conflicts=True)
    found = subjects_of(users)
    heads = sorted(each.name for each in found.values())
    AuditHead.objects.bulk_create([AuditHead(subject=name) for name in heads], ignore_conflicts=True)
    return found
