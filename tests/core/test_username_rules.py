"""The user that an operator means, and names that nobody may take."""

from importlib import import_module
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from core.admin.base import UserChoiceField
from core.checks import check_usernames
from core.exceptions import BadInput, NameTaken, NotFound, UserError
from core.models import User
from core.username_rules import to_name_key
from core.users import ERASED_NAME, check_name, compile_mentions, find_free_name, find_user
from operators.base import find_user_target
from tests.conftest import People
from tools.audit.queries import find_subjects
from tools.policy.explanation import explain_named_call

LOOKALIKES = ("Owner", "OWNER", "\uff4fwner", "\u043ewner", "\u03bfwner", "own\u0435r")


@pytest.fixture
def usurper(people: People) -> User:
    """Somebody whose name, from before there were rules, is the owner's id."""
    return User.objects.create(username=str(people.owner.pk))


def test_an_id_finds_its_user_and_not_one_of_that_name(people: People, usurper: User) -> None:
    for written in (str(people.owner.pk), people.owner.pk.hex, str(people.owner.pk).upper(), f"{{{people.owner.pk}}}"):
        assert find_user(written) == people.owner
        assert find_user_target(written).user_id == people.owner.pk
    form_field = UserChoiceField(queryset=User.objects.all())
    assert form_field.to_python(str(people.owner.pk)) == people.owner
    assert f'"{people.owner.username}"' not in str(explain_named_call(usurper.username, "write_report", ""))
    assert find_subjects(str(usurper.pk)) == []


def test_an_unknown_id_finds_no_user_of_that_name(people: People) -> None:
    gone = uuid4()
    User.objects.create(username=str(gone))
    with pytest.raises(NotFound):
        find_user(str(gone))
    for command in ("erase_user", "token"):
        with pytest.raises(CommandError):
            call_command(command, str(gone), stdout=StringIO())


def test_similar_names_find_no_user(people: People) -> None:
    twin = User(username="Owner")
    twin.username_key = f"owner\n{twin.pk.hex}"  # as the migration leaves it
    twin.save()
    for name in ("owner", "Owner"):
        with pytest.raises(BadInput, match=str(people.owner.pk)):
            find_user(name)
    with pytest.raises(forms.ValidationError):
        UserChoiceField(queryset=User.objects.all()).to_python("owner")
    assert find_user(str(twin.pk)) == twin
    twin.display_name = "Alex"
    twin.save()  # keeps its key
    twin.refresh_from_db()
    assert twin.username_key.startswith("owner\n")


@pytest.mark.parametrize("reference", ["", " ", "\0", "owner\0", "nobody", "OWNER", "x" * 10_000, "\ud800"], ids=repr)
def test_an_unknown_user_is_not_found(people: People, reference: str) -> None:
    with pytest.raises(UserError):
        find_user(reference)


def test_only_active_users_are_found_on_request(people: People) -> None:
    User.objects.filter(pk=people.owner.pk).update(is_active=False)
    assert find_user("owner") == people.owner
    with pytest.raises(NotFound, match="active"):
        find_user(str(people.owner.pk), active=True)


ID = UUID("3a34f5c0-55a3-4e0d-babe-a54a77f6eb80")  # the same for each worker: it names tests
BAD = (
    *LOOKALIKES,
    "adm\u0131n",  # Latin letters of few languages
    "\u0251dmin",
    "\u1d0fwner",
    "owne\u0280",
    "\u0585wner",  # Armenian, Lisu, Cherokee and Cyrillic ones among Latin ones
    "\ua4eewner",
    "\u13aadmin",
    "admi\u043f",
    "owner",
    "ow\u200bner",
    "\u3164",
    "new\u3164",
    str(ID),
    ID.hex,
    ID.hex.upper(),
    "".join(chr(ord(char) + 0xFEE0) for char in ID.hex),
    "admin",
    "Admin",
    "\u0430dmin",
    "ad-min",
    "root",
    "System",
    "operator",
    "Operators",
    "netra",
    "netra-support",
    "selftest-ab12",
    "stranger@example.org",
    "two words",
    "",
)


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_a_misleading_name_is_refused(people: People, name: str) -> None:
    with pytest.raises(BadInput):
        check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ana",
        "ben.smith",
        "j\u00fcrgen",
        "\u0432\u0435\u0440\u0430",
        "a-b_c",
        "adminka",
        "user7",
        "\u0131spanak",
        "\u03b4\u03ae\u03bc\u03bf\u03c2",
        "\u7530\u4e2d\u3055\u3093",
        "\u7530\u4e2dken",
        "\uae40ken",
        "\u05d3\u05d5\u05d3",
    ],
)
def test_an_ordinary_name_is_accepted(people: People, name: str) -> None:
    check_name(name)


def test_only_the_own_address_is_accepted_as_a_name(people: People) -> None:
    check_name("new@example.org", email="New@example.org")
    User.objects.filter(pk=people.owner.pk).update(email="owner@example.org")
    with pytest.raises(BadInput):
        check_name("owner@example.org", email="owner@example.org", exclude_id=people.neighbour.pk)
    check_name("owner@example.org", email="owner@example.org", exclude_id=people.owner.pk)


def test_the_database_refuses_similar_names(people: People) -> None:
    for name in LOOKALIKES:
        with pytest.raises(NameTaken):
            User.objects.create(username=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(username="OWNER")])
    people.stranger.username = "ownER"
    with pytest.raises(NameTaken):
        people.stranger.save(update_fields=["username"])
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="new", id=people.owner.pk)


def test_a_free_name_is_chosen(people: People) -> None:
    assert find_free_name(["ida"]) == "ida"
    assert find_free_name(["owner"]) == "owner-2"
    made = find_free_name(["admin", "two words", str(uuid4()), ""])
    check_name(made)


@pytest.mark.parametrize("name", ["admin", "OWNER", str(ID)])
def test_createsuperuser_prints_the_reason(people: People, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    options: dict[str, Any] = {"interactive": False, "username": name, "email": "a@example.org"}
    with pytest.raises(CommandError, match="Choose another one"):
        call_command("createsuperuser", **options)
    with pytest.raises(ValidationError):
        User.objects.create_user(name)
    call_command("createsuperuser", **options | {"username": "olga"}, stdout=StringIO())
    assert User.objects.get(username="olga").is_superuser


def test_the_admin_refuses_misleading_names_but_keeps_old_ones(people: People, client: Client) -> None:
    client.force_login(User.objects.create(username="olga", is_staff=True, is_superuser=True))
    new = {"password1": "correct horse 42", "password2": "correct horse 42", "usable_password": "true"}
    page = client.post("/admin/core/user/add/", new | {"username": "Operators"})
    assert "reserved" in page.content.decode()
    page = client.post("/admin/core/user/add/", new | {"username": "o\u1d21ner"})
    assert "looks like it" in page.content.decode()
    old = User.objects.create(username="root")
    given = {"username": "root", "display_name": "Old", "email": "", "is_active": "on"}
    assert client.post(f"/admin/core/user/{old.pk}/change/", given).status_code == 302
    page = client.post(f"/admin/core/user/{old.pk}/change/", given | {"username": str(people.owner.pk)})
    assert "look like an id" in page.content.decode().replace("&#x27;", "'")
    old.refresh_from_db()
    assert (old.username, old.display_name) == ("root", "Old")


def test_check_lists_existing_misleading_names(people: People) -> None:
    assert check_usernames(databases=["default"]) == []
    twin = User(username="Owner")
    twin.username_key = f"owner\n{twin.pk.hex}"
    twin.save()
    User.objects.create(username=str(uuid4()))
    assert [each.id for each in check_usernames(databases=["default"])] == ["netra.W021", "netra.W020"]
    assert check_usernames() == []


def test_a_username_key_is_bounded_and_stable() -> None:
    assert to_name_key("Ana") == to_name_key("\u0410n\u0430") == "ana"
    long = "\ufdfa" * 150
    assert len(to_name_key(long)) <= 150
    assert to_name_key(long) != to_name_key(long[:-1])


def test_existing_names_get_keys(people: People) -> None:
    """A letter that looks like another has come into the table since: who was there keeps their name."""
    ours = User.objects.create(username="d\u0131l")
    like = User.objects.create(username="elsewhere")
    User.objects.filter(pk=ours.pk).update(username_key="d\u0131l")
    User.objects.filter(pk=like.pk).update(username="o\u1d21ner", username_key="o\u1d21ner")
    import_module("core.migrations.0007_username_keys_again").fill(apps, None)
    keys = dict(User.objects.values_list("username", "username_key"))
    assert keys["d\u0131l"] == "dil"
    assert keys["o\u1d21ner"] == f"owner\n{like.pk.hex}"
    assert keys["owner"] == "owner"


def test_a_mention_is_a_whole_word() -> None:
    word = compile_mentions(User(username="an", email="an@example.com"))
    for sentence in ("AN asked", "ask an.", "see an@example.com", "(an)"):
        assert word.search(sentence), sentence
    for sentence in ("any plan", "an@other.example", "dan-an", "@an"):
        assert not word.search(sentence), sentence
    user = User(username="an")
    assert compile_mentions(user).sub(ERASED_NAME, f"{user.pk} and {user.pk.hex}").count(ERASED_NAME) == 2
