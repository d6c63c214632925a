from django.http import HttpRequest

from legacy.rollout.changing import Change
from netra.core.exceptions import InvalidContext
from netra.core.models import User


def change_by(request: HttpRequest, why: str) -> Change:
    """A change that the signed-in user makes."""
    if not isinstance(request.user, User):
        raise InvalidContext("the rollout is changed by somebody who is signed in")
    return Change(actor_id=request.user.pk, actor=request.user.username, why=why)
