"""The people of a first start in development: two users and an operator, with passwords of their own."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group
from django.db import transaction
from pydantic import TypeAdapter

from netra.accounts.roles import OPERATORS
from netra.core.exceptions import OperatorError
from netra.core.models import User
from netra.household.private import write_new

USERS = ("ana", "ben")
OPERATOR = "olga"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """`stored`: the password as the database has it; comparing it takes no half second, unlike the password itself."""

    name: str
    password: str
    stored: str


SIGN_INS = TypeAdapter(tuple[SignIn, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What may be said of a person. `password`: None once its owner has changed it."""

    name: str
    password: str | None
    operator: bool


def kept_in(data_dir: Path) -> Path:
    """The private file that the passwords are kept in."""
    return data_dir / "sign-in.json"


def make_people(data_dir: Path) -> tuple[User, ...]:
    """Make them in an installation that has nobody, the passwords being kept first. Returns whom it made."""
    if User.objects.exists():
        return ()
    sign_ins = _kept(data_dir) or _make_up(data_dir)
    with transaction.atomic():
        return tuple(_made(sign_in, operator=sign_in.name == OPERATOR) for sign_in in sign_ins)


def tell_people(data_dir: Path) -> Iterator[Told]:
    """Those made at the first start who are still there and may sign in."""
    people = User.objects.filter(is_active=True).in_bulk(field_name="username")
    for sign_in in _kept(data_dir):
        person = people.get(sign_in.name)
        if person is None:
            continue
        true = person.password == sign_in.stored or check_password(sign_in.password, person.password)
        yield Told(name=sign_in.name, password=sign_in.password if true else None, operator=person.is_superuser)


def _made(sign_in: SignIn, *, operator: bool) -> User:
    person = User.objects.create(
        username=sign_in.name, password=sign_in.stored, is_staff=operator, is_superuser=operator
    )
    if operator:
        person.groups.set(Group.objects.filter(name=OPERATORS))
    return person


def _kept(data_dir: Path) -> tuple[SignIn, ...]:
    path = kept_in(data_dir)
    try:
        return SIGN_INS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read: mend it, or remove it and nobody's password is told.") from error


def _make_up(data_dir: Path) -> tuple[SignIn, ...]:
    made_up = {name: _password() for name in (*USERS, OPERATOR)}
    sign_ins = tuple(SignIn(name=name, password=each, stored=make_password(each)) for name, each in made_up.items())
    write_new(kept_in(data_dir), SIGN_INS.dump_json(sign_ins, indent=2).decode() + "\n")
    return sign_ins


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
