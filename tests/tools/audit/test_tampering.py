"""Ten thousand ways to change the audit in the database, without the key and without the file. Every one shows."""

import random
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.tools.audit.records import KEY, Records, small
from tools.audit.chain import LINK_COLUMNS, ChainKey, ChainLink, HeadSnapshot, compute_link_mac, seal_link
from tools.audit.models import AuditRow

FOREIGN = ChainKey(b"another key", KEY.name)

Change = Callable[[Records, random.Random], None]


def other(value: Any, rng: random.Random) -> Any:
    match value:
        case str():
            return rng.choice([f"{value}x", value[::-1] + "0", "another"])
        case datetime():
            return value + timedelta(microseconds=rng.choice([1, -1, 60_000_000]))
        case Decimal():
            return value + Decimal("0.00000001") * rng.choice([1, -1, 1000])
        case _:
            return value + rng.choice([1, -1, 100])


def some_row(records: Records, rng: random.Random) -> tuple[list[ChainLink], int]:
    links = records.chains[rng.choice([*records.chains])]
    return links, rng.randrange(len(links))


def edit(records: Records, rng: random.Random) -> None:
    links, place = some_row(records, rng)
    column = rng.choice(LINK_COLUMNS)
    links[place] = replace(links[place], **{column: other(getattr(links[place], column), rng)})


def edit_and_seal_anew(records: Records, rng: random.Random) -> None:
    """With a key of their own, and the chain and its head mended after it."""
    links, place = some_row(records, rng)
    links[place] = seal_link(replace(links[place], outcome="changed"), FOREIGN)
    for later in range(place + 1, len(links)):
        links[later] = seal_link(replace(links[later], previous=links[later - 1].mac), FOREIGN)
    put_head_back(records, links)


def delete(records: Records, rng: random.Random) -> None:
    links, place = some_row(records, rng)
    del links[place]
    if rng.random() < 0.5:
        close_up(links, place)
    if rng.random() < 0.5 and place < len(links):
        put_head_back(records, links)


def delete_several(records: Records, rng: random.Random) -> None:
    links, _ = some_row(records, rng)
    for place in sorted(rng.sample(range(len(links) - 2), rng.randint(1, 5)), reverse=True):
        del links[place]
    if rng.random() < 0.5:
        close_up(links, 0)
    put_head_back(records, links)


def reorder(records: Records, rng: random.Random) -> None:
    links, _ = some_row(records, rng)
    one, two = rng.sample(range(len(links)), 2)
    first, second = links[one], links[two]
    links[one], links[two] = replace(second, seq=first.seq), replace(first, seq=second.seq)
    if rng.random() < 0.5:
        links[one] = replace(links[one], previous=first.previous)
        links[two] = replace(links[two], previous=second.previous)


def move_to_another(records: Records, rng: random.Random) -> None:
    one, two = rng.sample([*records.chains], 2)
    place = rng.randrange(len(records.chains[one]))
    records.chains[two][place] = replace(records.chains[one][place], subject=two)


def truncate(records: Records, rng: random.Random) -> None:
    """Rows that are anchored, with the head as it was then; what was anchored of them may go too."""
    subject = rng.choice([*records.chains])
    links = records.chains[subject]
    del links[rng.randrange(records.last_anchored(subject)) :]
    put_head_back(records, links, subject)
    if rng.random() < 0.5:
        forget_marks(records, subject, len(links))


def truncate_with_anchors(records: Records, rng: random.Random) -> None:
    """Everything as it was at a former anchor: only the file tells."""
    left = rng.randrange(len(records.anchors))
    del records.anchors[left:]
    for subject, links in records.chains.items():
        del links[records.last_anchored(subject) :]
        put_head_back(records, links, subject)


def delete_a_subject(records: Records, rng: random.Random) -> None:
    subject = rng.choice([*records.chains])
    del records.chains[subject]
    if rng.random() < 0.7:
        del records.heads[subject]
    if rng.random() < 0.5:
        forget_marks(records, subject, 0)


def change_head(records: Records, rng: random.Random) -> None:
    head = records.heads[rng.choice([*records.heads])]
    column = rng.choice(["seq", "mac"])
    records.heads[head.subject] = replace(head, **{column: other(getattr(head, column), rng)})


def change_anchor(records: Records, rng: random.Random) -> None:
    place = rng.randrange(len(records.anchors))
    seal, marks = records.anchors[place]
    column = rng.choice([each.name for each in fields(seal)])
    records.anchors[place] = (replace(seal, **{column: other(getattr(seal, column), rng)}), marks)


def change_marks(records: Records, rng: random.Random) -> None:
    _, marks = rng.choice(records.anchors)
    place = rng.randrange(len(marks))
    column = rng.choice(["subject", "seq", "mac"])
    if rng.random() < 0.3:
        del marks[place]
    elif rng.random() < 0.3:
        marks.append(HeadSnapshot(subject="f" * 32, seq=1, mac="0"))
    else:
        marks[place] = replace(marks[place], **{column: other(getattr(marks[place], column), rng)})


def delete_anchors(records: Records, rng: random.Random) -> None:
    for place in sorted(rng.sample(range(len(records.anchors)), rng.randint(1, 3)), reverse=True):
        del records.anchors[place]


def put_head_back(records: Records, links: list[ChainLink], subject: str = "") -> None:
    whose = subject or links[-1].subject
    last = links[-1] if links else None
    records.heads[whose] = HeadSnapshot(subject=whose, seq=last.seq if last else 0, mac=last.mac if last else "")


def close_up(links: list[ChainLink], place: int) -> None:
    """Numbered without a gap again, each naming the mac before it."""
    for at in range(place, len(links)):
        before = links[at - 1].mac if at else ""
        links[at] = replace(links[at], seq=at + 1, previous=before)


def forget_marks(records: Records, subject: str, beyond: int) -> None:
    for _, marks in records.anchors:
        marks[:] = [mark for mark in marks if mark.subject != subject or mark.seq <= beyond]


CHANGES: tuple[Change, ...] = (
    *(edit, edit_and_seal_anew, delete, delete_several, reorder, move_to_another, truncate),
    *(truncate_with_anchors, delete_a_subject, change_head, change_anchor, change_marks, delete_anchors),
)


def test_an_unchanged_audit_verifies() -> None:
    assert list(small().findings()) == []


@pytest.mark.slow
@pytest.mark.parametrize("times", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_changes_are_all_found(times: int) -> None:
    whole, rng = small(), random.Random(20260131)
    missed = []
    for number in range(times):
        change, records = CHANGES[number % len(CHANGES)], whole.copy_to_change()
        change(records, rng)
        assert records != whole, change
        if next(records.findings(), None) is None:
            missed.append((number, change.__name__))
    assert missed == []


def test_every_column_is_under_the_mac() -> None:
    columns = {field.name for field in AuditRow._meta.concrete_fields} - {"id"}
    assert {*LINK_COLUMNS} == columns
    link = next(iter(small().chains.values()))[3]
    for column in columns - {"mac"}:
        changed = replace(link, **{column: other(getattr(link, column), random.Random(1))})
        assert compute_link_mac(changed, KEY) != link.mac, column


def test_text_moved_between_columns_is_found() -> None:
    link = next(iter(small().chains.values()))[0]
    one = seal_link(replace(link, rule='plan","x', code=""), KEY)
    two = seal_link(replace(link, rule="plan", code='x"'), KEY)
    assert one.mac != two.mac


@pytest.mark.parametrize("cut", [1, 2])
def test_removing_unanchored_rows_is_not_found(cut: int) -> None:
    """The window that the command states; docs/audit.md says so."""
    records = small()
    links = next(iter(records.chains.values()))
    del links[-cut:]
    put_head_back(records, links)
    assert list(records.findings()) == []
    del links[-1:]
    put_head_back(records, links)
    assert bool(list(records.findings())) == (cut == 2)


@pytest.mark.parametrize("back_to", [4, 5])
def test_rows_of_two_histories_do_not_mix(back_to: int) -> None:
    """The head is put back, the server goes on from there: its rows are well made, and so are the ones they replace."""
    records = small()
    subject, links = next(iter(records.chains.items()))
    before = list(links)
    del links[back_to:]
    for seq in range(back_to + 1, 8):
        links.append(seal_link(replace(before[seq - 1], rule="another", previous=links[-1].mac), KEY))
    put_head_back(records, links)
    # Unseen only as long as no anchor covered what was replaced.
    assert [each.kind for each in records.findings()] == (["changed"] if back_to == 4 else [])
    links[6] = before[6]
    put_head_back(records, links)
    assert "order" in [each.kind for each in records.findings() if each.subject == subject]


def test_the_message_names_the_problem_and_the_row() -> None:
    records = small()
    links = next(iter(records.chains.values()))
    links[2] = replace(links[2], outcome="ok", rule="another")
    (finding,) = records.findings()
    assert finding.text == f"Audit of {links[2].subject}: row 3 was changed."
    del links[1:]
    assert [each.text.partition(": ")[2] for each in records.findings()] == [
        "rows 2 to 5 are missing, although anchored.",
        "its head names row 7, but the last row is 1.",
    ]
