import stat
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group

from core.exceptions import OperatorError
from core.models import User
from netra.bootstrap.demo_users import DemoUser, create_demo_users, credentials_path, list_demo_users

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fast_hashes(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


def list_by_name(data_dir: Path) -> dict[str, DemoUser]:
    return {person.name: person for person in list_demo_users(data_dir)}


def test_the_first_start_makes_two_users_and_an_operator_who_can_sign_in(tmp_path: Path) -> None:
    assert [user.username for user in create_demo_users(tmp_path)] == ["ana", "ben", "olga"]
    people = list_by_name(tmp_path)
    assert [(person.name, person.is_operator) for person in people.values()] == [
        ("ana", False),
        ("ben", False),
        ("olga", True),
    ]
    assert len({person.password for person in people.values()}) == 3
    for person in people.values():
        assert authenticate(username=person.name, password=person.password) is not None


def test_the_passwords_are_kept_where_only_the_owner_of_the_installation_looks(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    assert stat.S_IMODE(credentials_path(tmp_path).stat().st_mode) == 0o600


def test_the_operator_is_in_the_operators_group_where_there_is_one(tmp_path: Path) -> None:
    group, _ = Group.objects.get_or_create(name="Operators")
    create_demo_users(tmp_path)
    assert [user.username for user in User.objects.filter(groups=group)] == ["olga"]


def test_a_second_start_makes_nobody_and_tells_the_same(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    before = list_by_name(tmp_path)
    assert create_demo_users(tmp_path) == ()
    assert list_by_name(tmp_path) == before
    assert User.objects.count() == 3


def test_a_start_that_broke_off_before_the_people_were_made_keeps_its_passwords(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    before = list_by_name(tmp_path)
    User.objects.all().delete()
    create_demo_users(tmp_path)
    assert list_by_name(tmp_path) == before


def test_nobody_is_made_where_there_is_somebody(tmp_path: Path) -> None:
    User.objects.create(username="somebody")
    assert create_demo_users(tmp_path) == ()
    assert list_by_name(tmp_path) == {}
    assert not credentials_path(tmp_path).exists()


def test_a_password_that_its_owner_changed_is_not_told(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    ana = User.objects.get(username="ana")
    ana.set_password("something else entirely")
    ana.save()
    assert list_by_name(tmp_path)["ana"].password is None
    assert list_by_name(tmp_path)["ben"].password is not None


def test_a_password_that_was_only_hashed_anew_is_told(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    before = list_by_name(tmp_path)["ana"].password
    assert before is not None
    ana = User.objects.get(username="ana")
    ana.set_password(before)
    ana.save()
    assert list_by_name(tmp_path)["ana"].password == before


def test_who_is_gone_or_may_not_sign_in_is_not_told(tmp_path: Path) -> None:
    create_demo_users(tmp_path)
    User.objects.get(username="ana").delete()
    User.objects.filter(username="ben").update(is_active=False)
    assert list(list_by_name(tmp_path)) == ["olga"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"name": "ana"}]'])
def test_a_broken_file_is_said_in_one_line_and_not_overwritten(tmp_path: Path, text: str) -> None:
    credentials_path(tmp_path).write_text(text)
    with pytest.raises(OperatorError, match="cannot be read"):
        create_demo_users(tmp_path)
    assert credentials_path(tmp_path).read_text() == text
