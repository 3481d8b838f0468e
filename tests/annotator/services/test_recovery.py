"""What the sweep finds again from the rows, when messages or workers were lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from annotator.models import Change, Project, Propagation, User
from annotator.redis import client
from annotator.services import recovery
from inference_worker.protocol import broker, messages
from tests.annotator.desk import MODEL, Desk, square
from tests.factories import make_video

LONG = timedelta(hours=1)


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    return Desk(annotator, make_video(project, annotator))


def late() -> None:
    Change.objects.filter(pending=True).update(sent_at=timezone.now() - LONG)
    Propagation.objects.update(progress_at=timezone.now() - LONG)


def test_an_unanswered_click_is_asked_again_with_its_prompts(desk: Desk, worker: None, sweep: Any) -> None:
    change = desk.click(8, x=12)["change"]["id"]
    assert sweep() == []
    late()
    (message,) = sweep()
    assert (message.object.change, message.frame_index) == (change, 8)
    assert message.prompts == [messages.Point(x=12, y=12, positive=True)]
    assert sweep() == []


def test_a_click_that_was_answered_undone_or_drawn_over_is_not_asked_again(
    desk: Desk, worker: None, sweep: Any
) -> None:
    desk.answer(desk.click(0)["change"]["id"], 0, square(5))
    desk.click(4)
    desk.draw(4, square(5))
    desk.click(8)
    desk.mark(Change.Kind.CLEAR, 8)
    desk.click(12)
    desk.undo()
    late()
    assert sweep() == []


def test_a_click_that_was_drawn_over_is_asked_again_once_that_is_undone(
    desk: Desk, worker: None, sweep: Any
) -> None:
    change = desk.click(4)["change"]["id"]
    desk.draw(4, square(5))
    late()
    assert sweep() == []
    desk.undo()
    late()
    assert [message.object.change for message in sweep()] == [change]


def test_a_frame_drawn_over_an_unanswered_click_is_known_as_drawn(desk: Desk) -> None:
    from annotator.selectors import recipes

    desk.click(4)
    desk.draw(4, square(7))
    assert [(frame.frame_index, frame.counts) for frame in recipes.human_frames(desk.masklet)] == [
        (4, square(7))
    ]


def test_a_pass_that_no_worker_has_is_sent_again_for_what_is_left(
    desk: Desk, worker: None, sweep: Any
) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4, 8], 5)
    late()
    (message,) = sweep()
    assert (message.propagation, message.attempt) == (row.pk, 2)
    assert message.runs == [list(range(8, 41, 4))]


def test_a_pass_that_a_worker_has_in_hand_is_left_alone(desk: Desk, worker: None, sweep: Any) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    late()
    client().set(messages.alive_key(row.pk), 1, ex=30)
    assert sweep() == []


def test_while_the_only_worker_warms_up_nothing_piles_up_and_pages_say_so(desk: Desk, sweep: Any) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.click(8)
    late()
    warming = messages.WorkerInfo(
        name="w", model=MODEL, device="cpu", sessions=0, queue="inference.w", warming=True
    )
    key = messages.worker_key("w")
    try:
        client().set(key, msgspec.json.encode(warming))
        assert sweep() == []
        row.refresh_from_db()
        desk.session.refresh_from_db()
        assert (row.attempt, desk.session.engine_state) == (1, "starting")
        client().set(key, msgspec.json.encode(msgspec.structs.replace(warming, warming=False)))
        assert len(sweep()) == 2
        desk.session.refresh_from_db()
        assert desk.session.engine_state == "ready"
    finally:
        client().delete(key)


def test_without_a_worker_nothing_piles_up(desk: Desk, sweep: Any) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.click(8)
    late()
    assert sweep() == []
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("queued", 1)


def test_a_stopping_pass_ends_though_no_worker_is_there(desk: Desk, sweep: Any) -> None:
    from annotator.services import propagations

    desk.draw(0, square(5))
    row = desk.propagate(0)
    propagations.stop(session=desk.session, propagation_id=row.pk)
    late()
    sweep()
    row.refresh_from_db()
    assert row.state == "stopped"


def test_one_step_that_fails_does_not_keep_the_others_from_theirs(
    desk: Desk, worker: None, sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("one row that cannot be helped")

    called: list[str] = []
    monkeypatch.setattr(recovery, "_unanswered", broken)
    monkeypatch.setattr(recovery.videos, "send_lapsed", lambda: called.append("ingests"))
    monkeypatch.setattr(recovery.exports, "send_lapsed", lambda: called.append("exports"))
    sweep()
    assert called == ["ingests", "exports"]


def test_nothing_is_sent_again_while_answers_wait_to_be_recorded(
    desk: Desk, worker: None, sweep: Any
) -> None:
    desk.click(8, x=12)
    desk.draw(0, square(7))
    desk.propagate(0)
    late()
    waiting = [
        broker.waiting_key(messages.RESULTS_QUEUE, priority)
        for priority in (messages.CLICK_PRIORITY, messages.PROPAGATE_PRIORITY)
    ]
    for key in waiting:
        client().lpush(key, "an answer")
    try:
        assert not sweep()
    finally:
        client().delete(*waiting)
    assert {type(message) for message in sweep()} == {messages.SegmentFrame, messages.Propagate}
