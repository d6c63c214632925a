from uuid import UUID

from netra.core.exceptions import NotFound
from netra.core.models import User
from netra.language.text import text


def user_named(name: str) -> User:
    """By user name, or by id: also one who is switched off. Raises NotFound."""
    found = User.objects.filter(username=name).first()
    if found is None and (key := _id(name)) is not None:
        found = User.objects.filter(id=key).first()
    if found is None:
        raise NotFound(text("There is no user {name} in this installation.", name=repr(name)))
    return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
