"""Demo users, made at a first start in development: two users and an operator.

Their generated passwords are stored in a private file of the data folder."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group
from django.db import transaction
from pydantic import TypeAdapter

from accounts.roles import OPERATORS
from core.exceptions import OperatorError
from core.files import create_private_file, draft_file
from core.models import User

USER_NAMES = ("ana", "ben")
OPERATOR_NAME = "olga"
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  # an alphabet without look-alikes


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCredentials:
    """`stored` is the password's hash as in the database: comparing hashes is cheap, checking a password is not."""

    name: str
    password: str
    stored: str


CREDENTIALS_ADAPTER = TypeAdapter(tuple[DemoCredentials, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """A demo user as the greeting shows it; `password` is None once the user has changed it."""

    name: str
    password: str | None
    is_operator: bool


def credentials_path(data_dir: Path) -> Path:
    """Return the path of the private file with the passwords."""
    return data_dir / "sign-in.json"


def create_demo_users(data_dir: Path) -> tuple[User, ...]:
    """Create the demo users if there are no users yet, and return them. The passwords are stored first."""
    if User.objects.exists():
        return ()
    all_credentials = _load_credentials(data_dir) or _generate_credentials(data_dir)
    with transaction.atomic():
        return tuple(
            _create_user(credentials, is_operator=credentials.name == OPERATOR_NAME) for credentials in all_credentials
        )


def list_demo_users(data_dir: Path) -> Iterator[DemoUser]:
    """Yield the demo users that still exist and may sign in."""
    users = User.objects.filter(is_active=True).in_bulk(field_name="username")
    for credentials in _load_credentials(data_dir):
        user = users.get(credentials.name)
        if user is None:
            continue
        is_current = user.password == credentials.stored or check_password(credentials.password, user.password)
        password = credentials.password if is_current else None
        yield DemoUser(name=credentials.name, password=password, is_operator=user.is_superuser)


def _create_user(credentials: DemoCredentials, *, is_operator: bool) -> User:
    user = User.objects.create(
        username=credentials.name, password=credentials.stored, is_staff=is_operator, is_superuser=is_operator
    )
    if is_operator:
        user.groups.set(Group.objects.filter(name=OPERATORS))
    return user


def _load_credentials(data_dir: Path) -> tuple[DemoCredentials, ...]:
    path = credentials_path(data_dir)
    try:
        return CREDENTIALS_ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read. Fix it, or delete it: then no passwords are printed.") from error


def _generate_credentials(data_dir: Path) -> tuple[DemoCredentials, ...]:
    passwords = {name: _generate_password() for name in (*USER_NAMES, OPERATOR_NAME)}
    generated = tuple(
        DemoCredentials(name=name, password=password, stored=make_password(password))
        for name, password in passwords.items()
    )
    create_private_file(credentials_path(data_dir), CREDENTIALS_ADAPTER.dump_json(generated, indent=2).decode() + "\n")
    return generated


def _generate_password() -> str:
    return "-".join("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(4)) for _ in range(4))


def forget_credentials(data_dir: Path, name: str) -> None:
    """Remove a user's password from the file, if it is there. Raises OperatorError for a file that cannot be used."""
    path = credentials_path(data_dir)
    try:
        stored = CREDENTIALS_ADAPTER.validate_json(path.read_bytes())
        remaining = tuple(credentials for credentials in stored if credentials.name != name)
        if remaining != stored:
            with draft_file(path, replace=True) as draft:
                draft.write_bytes(CREDENTIALS_ADAPTER.dump_json(remaining, indent=2) + b"\n")
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read or written. Fix it, or delete it.") from error
