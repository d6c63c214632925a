"""Whether an operator may do something at this moment: read from the database each time, superusers as well."""

from uuid import UUID

from netra.core.models import User
from netra.language.text import Text, text
from tools.refusals import NotPermitted

USE = "operating.use_operations"
"""To ask the operators' agent in the chat at all; each of its tools needs its own besides."""


def require(operator_id: UUID, permission: str, what: Text) -> User:
    """The operator, as they stand now. Raises NotPermitted for who is switched off, gone or without it."""
    operator = User.objects.filter(pk=operator_id, is_active=True).first()
    if operator is None:
        raise NotPermitted(text("This account is switched off or no longer there."), rule="account")
    if not operator.has_perm(permission):
        words = text(
            "{what} is for operators: it needs the permission {permission}, which you do not have.",
            what=what,
            permission=permission,
        )
        raise NotPermitted(words, rule=f"permission {permission}")
    return operator
