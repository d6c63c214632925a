import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events import AgentThinking, build_agent_fields
from core.stream.batches import Batch, Position, Resync
from realtime import protocol
from realtime.limits import FRAME_BYTES
from realtime.protocol import BadFrame, Cancel, Ping, Resume, Start
from tests.support.fakes import context


def parse(**frame: Any) -> object:
    return protocol.parse_frame(json.dumps(frame))


def test_every_kind_of_frame_is_read() -> None:
    one, epoch = uuid4(), uuid4()
    assert parse(type="resume") == Resume(type="resume")
    resume = parse(type="resume", epoch=str(epoch), seq=4)
    assert isinstance(resume, Resume)
    assert resume.position == Position(epoch=epoch, seq=4)
    assert parse(type="cancel", id="a", run_id=str(one)) == Cancel(type="cancel", id="a", run_id=one)
    assert parse(type="ping", id="a") == Ping(type="ping", id="a")
    start = parse(type="start", id="a", client_id=str(one), text="?", thread_id=None)
    assert isinstance(start, Start)
    assert start.question == {"client_id": str(one), "text": "?", "thread_id": None}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "bad_frame"),
        ("", "bad_frame"),
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ('"start"', "bad_frame"),
        ("[" * 100_000, "bad_frame"),
        ("x" * (FRAME_BYTES + 1), "too_large"),
        ("\u20ac" * (FRAME_BYTES // 2), "too_large"),
        ("{}", "unknown_type"),
        ('{"type": "websocket.close"}', "unknown_type"),
        ('{"type": ["start"]}', "unknown_type"),
        ('{"type": "cancel", "id": "7"}', "bad_input"),
        ('{"type": "cancel", "id": "7", "run_id": "default"}', "bad_input"),
        ('{"type": "resume", "seq": -1}', "bad_input"),
        ('{"type": "resume", "user_id": "me"}', "bad_input"),
        ('{"type": "start", "id": "7", "text": "?"}', "bad_input"),
        ('{"type": "ping", "id": 7}', "bad_input"),
    ],
)
def test_an_invalid_frame_is_an_error(text: str | None, code: str) -> None:
    with pytest.raises(BadFrame) as caught:
        protocol.parse_frame(text)
    assert caught.value.code == code


@pytest.mark.parametrize("frame", [r'{"type": "ping", "id": "\ud800"}', r'{"type": "ping", "id": "a", "\udfff": 1}'])
def test_an_unpaired_surrogate_can_be_refused(frame: str) -> None:
    with pytest.raises(BadFrame) as refusal:
        protocol.parse_frame(frame)
    told = protocol.render_error(refusal.value.code, str(refusal.value), refusal.value.id)
    assert json.loads(told.encode())["id"] == json.loads(frame)["id"]


def test_a_refusal_names_the_frame_it_answers() -> None:
    with pytest.raises(BadFrame) as caught:
        protocol.parse_frame('{"type": "cancel", "id": "mine"}')
    assert caught.value.id == "mine"
    assert "run_id" in str(caught.value)


@pytest.mark.slow
@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_frame_or_a_bad_frame(text: str) -> None:
    with pytest.raises(BadFrame):
        protocol.parse_frame(text)


def test_an_events_frame_has_its_range_and_user() -> None:
    user, epoch = uuid4(), uuid4()
    event = AgentThinking(**build_agent_fields(context(), "data"), thought='"quoted" \u202e <b>')
    frame = json.loads(
        protocol.render_events(
            Batch(user_id=user, epoch=epoch, after=3, upto=4, payloads=(event.model_dump_json(),) * 2)
        )
    )
    assert (frame["type"], frame["user_id"], frame["epoch"]) == ("events", str(user), str(epoch))
    assert (frame["after"], frame["upto"]) == (3, 4)
    assert frame["events"] == [event.model_dump(mode="json")] * 2


def test_a_resync_gives_the_position() -> None:
    epoch = uuid4()
    frame = json.loads(protocol.render_events(Resync(user_id=uuid4(), position=Position(epoch=epoch, seq=9))))
    assert frame == {"type": "resync", "position": {"epoch": str(epoch), "seq": 9}}


def test_short_frames_match_the_protocol() -> None:
    assert json.loads(protocol.render_heartbeat()) == {"type": "heartbeat"}
    assert json.loads(protocol.render_pong("a")) == {"type": "pong", "id": "a"}
    assert json.loads(protocol.render_accepted("a", {"id": "r"})) == {"type": "accepted", "id": "a", "run": {"id": "r"}}
    assert json.loads(protocol.render_error("conflict", "It has ended.", "a")) == {
        "type": "error",
        "code": "conflict",
        "message": "It has ended.",
        "id": "a",
    }
