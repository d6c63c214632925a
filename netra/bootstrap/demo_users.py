"""The demo users of a first start in development: two users and an operator, with generated passwords that a private file keeps."""

import os
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
from core.files import create_private_file
from core.models import User

USER_NAMES = ("ana", "ben")
OPERATOR_NAME = "olga"
PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCredentials:
    """`stored`: the password as the database has it; comparing it takes no half second, unlike the password itself."""

    name: str
    password: str
    stored: str


CREDENTIALS_ADAPTER = TypeAdapter(tuple[DemoCredentials, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """What may be said of a person. `password`: None once its owner has changed it."""

    name: str
    password: str | None
    is_operator: bool


def credentials_path(data_dir: Path) -> Path:
    """The private file that the passwords are kept in."""
    return data_dir / "sign-in.json"


def create_demo_users(data_dir: Path) -> tuple[User, ...]:
    """Make them in an installation that has nobody, the passwords being kept first. Returns whom it made."""
    if User.objects.exists():
        return ()
    sign_ins = _load_credentials(data_dir) or _generate_credentials(data_dir)
    with transaction.atomic():
        return tuple(_create_user(sign_in, operator=sign_in.name == OPERATOR_NAME) for sign_in in sign_ins)


def list_demo_users(data_dir: Path) -> Iterator[DemoUser]:
    """Those made at the first start who are still there and may sign in."""
    people = User.objects.filter(is_active=True).in_bulk(field_name="username")
    for sign_in in _load_credentials(data_dir):
        person = people.get(sign_in.name)
        if person is None:
            continue
        true = person.password == sign_in.stored or check_password(sign_in.password, person.password)
        yield DemoUser(name=sign_in.name, password=sign_in.password if true else None, is_operator=person.is_superuser)


def _create_user(sign_in: DemoCredentials, *, operator: bool) -> User:
    person = User.objects.create(
        username=sign_in.name, password=sign_in.stored, is_staff=operator, is_superuser=operator
    )
    if operator:
        person.groups.set(Group.objects.filter(name=OPERATORS))
    return person


def _load_credentials(data_dir: Path) -> tuple[DemoCredentials, ...]:
    path = credentials_path(data_dir)
    try:
        return CREDENTIALS_ADAPTER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read: mend it, or remove it and nobody's password is told.") from error


def _generate_credentials(data_dir: Path) -> tuple[DemoCredentials, ...]:
    made_up = {name: _generate_password() for name in (*USER_NAMES, OPERATOR_NAME)}
    sign_ins = tuple(
        DemoCredentials(name=name, password=each, stored=make_password(each)) for name, each in made_up.items()
    )
    create_private_file(credentials_path(data_dir), CREDENTIALS_ADAPTER.dump_json(sign_ins, indent=2).decode() + "\n")
    return sign_ins


def _generate_password() -> str:
    return "-".join("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(4)) for _ in range(4))


def forget_credentials(data_dir: Path, name: str) -> None:
    """Where that name is not kept, nothing is written. Raises OperatorError for a file that cannot be used."""
    path = credentials_path(data_dir)
    try:
        kept = CREDENTIALS_ADAPTER.validate_json(path.read_bytes())
        left = tuple(each for each in kept if each.name != name)
        if left != kept:
            draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}.new")
            create_private_file(draft, CREDENTIALS_ADAPTER.dump_json(left, indent=2).decode() + "\n")
            os.replace(draft, path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read or written: mend it, or remove it.") from error
