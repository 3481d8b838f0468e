"""Prompts, masks, undo and passes of one masklet, without a worker: its answers are made here."""

from __future__ import annotations

import pytest

from annotator.errors import Conflict, NotPossible
from annotator.models import Change, Mask, User
from annotator.selectors import masks, recipes
from annotator.services import masklets, prompts, propagations
from inference_worker.protocol import messages, rle
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.factories import make_video


@pytest.fixture
def desk(annotator: User, project) -> Desk:  # type: ignore[no-untyped-def]
    return Desk(annotator, make_video(project, annotator))


def test_a_click_is_stored_before_the_model_answers_and_its_mask_is_the_persons(desk: Desk) -> None:
    made = desk.click(8)
    assert made["pending"] and made["masks"] == []
    desk.answer(made["change"]["id"], 8, square(10))
    row = masks.by_frame(desk.masklet)[8]
    assert (row.state, row.human, row.counts) == ("edited", True, square(10))


def test_an_answer_that_arrives_twice_is_stored_once(desk: Desk) -> None:
    made = desk.click(8)
    for _ in range(2):
        desk.answer(made["change"]["id"], 8, square(10))
    assert Mask.objects.filter(masklet=desk.masklet).count() == 1


def test_a_drawn_mask_is_stored_as_drawn_and_an_empty_one_means_absent(desk: Desk) -> None:
    assert desk.draw(0, square(5))["masks"][0]["counts"] == square(5)
    assert desk.draw(4, rle.empty(HEIGHT, WIDTH))["masks"][0]["state"] == "absent"


def test_points_accumulate_and_a_mask_replaces_them(desk: Desk) -> None:
    first = desk.click(0)
    second = desk.click(0, x=20, positive=False)
    assert len(second["prompts"]) == 2
    drawn = desk.draw(0, square(5))
    assert [prompt["kind"] for prompt in drawn["prompts"]] == ["mask"]
    assert sorted(drawn["removed_prompts"]) == sorted(
        [
            first["prompts"][0]["id"],
            *(p["id"] for p in second["prompts"] if p["change"] == second["change"]["id"]),
        ]
    )


def test_undo_brings_back_the_points_that_a_mask_replaced(desk: Desk) -> None:
    made = desk.click(0)
    desk.answer(made["change"]["id"], 0, square(10))
    desk.draw(0, square(5))
    undone = desk.undo()
    assert [prompt["kind"] for prompt in undone["prompts"]] == ["point"]
    assert undone["masks"][0]["counts"] == square(10)
    assert desk.redo()["masks"][0]["counts"] == square(5)


def test_a_stale_write_is_refused_with_the_present_form(desk: Desk) -> None:
    version = desk.version
    desk.click(0)
    with pytest.raises(Conflict) as refused:
        prompts.add(
            session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=version, frame_index=0,
            new=[messages.Point(x=1, y=1, positive=True)],
        )  # fmt: skip
    assert refused.value.code == "stale_version"
    assert refused.value.data["masklet"]["version"] == desk.version


def test_a_retry_with_the_same_client_id_is_answered_and_not_done_again(desk: Desk) -> None:
    import uuid

    key, version = uuid.uuid4(), desk.version
    sent = [
        prompts.add(
            session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=version, frame_index=0,
            new=[messages.Point(x=1, y=1, positive=True)], client_id=key,
        )["change"]["id"]
        for _ in range(2)
    ]  # fmt: skip
    assert sent[0] == sent[1]
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    ("prompt", "frame"),
    [
        (messages.Point(x=-1, y=5, positive=True), 0),
        (messages.Point(x=5, y=5, positive=True), 3),
        (messages.Box(x0=5, y0=5, x1=5, y1=9), 0),
        (messages.MaskPrompt(counts="not a mask"), 0),
        (messages.MaskPrompt(counts=rle.empty(10, 10)), 0),
    ],
)
def test_a_prompt_that_does_not_fit_the_video_is_refused(
    desk: Desk, prompt: messages.Prompt, frame: int
) -> None:
    with pytest.raises(NotPossible):
        desk.prompt(frame, prompt)
    assert not Change.objects.exists()


def test_a_pass_fills_to_the_end_and_finishes_when_all_masks_are_stored(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    assert row.frames_total == 10
    desk.fill(row, [4, 8, 12], 6)
    row.refresh_from_db()
    assert (row.state, row.frames_done) == ("running", 3)
    desk.fill(row, list(range(16, 41, 4)), 7, state="finished")
    row.refresh_from_db()
    assert (row.state, row.frames_done) == ("finished", 10)


def test_a_pass_stops_at_the_next_human_frame_and_leaves_it(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.draw(20, square(9))
    row = desk.propagate(0)
    assert row.frames_total == 4
    desk.fill(row, [4, 8, 12, 16, 20, 24], 6, state="finished")
    assert desk.states() == {
        0: "edited",
        4: "predicted",
        8: "predicted",
        12: "predicted",
        16: "predicted",
        20: "edited",
    }


def test_a_whole_pass_goes_over_human_frames_without_touching_them(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.draw(20, square(9))
    desk.mark(Change.Kind.ABSENT, 28)
    row = desk.propagate(0, whole=True)
    assert row.frames_total == 8
    desk.fill(row, list(range(4, 41, 4)), 6, state="finished")
    assert masks.by_frame(desk.masklet)[20].counts == square(9)
    assert desk.states()[28] == "absent"


def test_a_click_during_a_pass_is_not_overwritten_by_it(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.draw(8, square(30))
    desk.fill(row, list(range(4, 41, 4)), 6, state="finished")
    assert masks.by_frame(desk.masklet)[8].counts == square(30)


def test_undo_of_a_pass_is_one_step_and_gives_back_what_was_there(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 6, state="finished")
    second = desk.propagate(0, last=12)
    desk.fill(second, [4, 8, 12], 20, state="finished")
    assert masks.by_frame(desk.masklet)[8].counts == square(20)
    undone = desk.undo()
    assert undone["change"]["frame_indices"] == [4, 8, 12]
    assert masks.by_frame(desk.masklet)[8].counts == square(6)
    desk.undo()
    assert desk.states() == {0: "edited"}
    desk.redo()
    assert len(desk.states()) == 11


def test_a_new_step_after_undo_ends_the_redo(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.undo()
    desk.draw(0, square(7))
    with pytest.raises(Conflict) as refused:
        desk.redo()
    assert refused.value.code == "nothing_to_redo"


def test_results_of_an_earlier_attempt_are_let_go(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    propagations.send_again(row)
    desk.fill(row, [4], 6, attempt=1)
    assert desk.states() == {0: "edited"}
    desk.fill(row, [4], 6, attempt=2)
    assert desk.states()[4] == "predicted"


def test_another_worker_is_told_what_is_left_and_what_it_starts_from(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4, 8], 6)
    message = recipes.propagate(row)
    assert message is not None
    assert message.runs == [list(range(8, 41, 4))]
    known = message.objects[0].known
    assert [(frame.frame_index, frame.human) for frame in known] == [(0, True), (4, False), (8, False)]


@pytest.mark.parametrize(
    ("start", "direction", "seen"),
    [
        (0, "forward", [(0, True), (4, False), (8, False), (12, False), (16, False), (20, False)]),
        (40, "backward", [(20, False), (24, False), (28, False), (32, False), (36, False), (40, True)]),
    ],
)
def test_a_correction_goes_with_the_masks_that_its_pass_had_behind_it_there(
    desk: Desk, start: int, direction: str, seen: list[tuple[int, bool]]
) -> None:
    desk.draw(start, square(5))
    row = desk.propagate(start, direction)
    desk.fill(row, [frame for frame in range(0, 41, 4) if frame != start], 6, state="finished")
    change = Change.objects.get(pk=desk.click(20)["change"]["id"])
    message = recipes.segment_frame(change, desk.session.pk, recipes.asked(change.masklet, 20))
    assert [(frame.frame_index, frame.human) for frame in message.object.known] == seen
    assert message.previous == square(6)


def test_a_click_on_a_frame_that_no_pass_has_seen_goes_with_the_masks_of_people_alone(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), [4, 8], 6, state="stopped")
    change = Change.objects.get(pk=desk.click(16)["change"]["id"])
    message = recipes.segment_frame(change, desk.session.pk, recipes.asked(change.masklet, 16))
    assert [(frame.frame_index, frame.human) for frame in message.object.known] == [(0, True)]


def test_a_click_without_an_answer_yet_conditions_a_pass_by_its_prompts(desk: Desk) -> None:
    desk.click(0)
    message = recipes.propagate(desk.propagate(0))
    assert message is not None
    first = message.objects[0].known[0]
    assert (first.frame_index, first.human, first.counts, len(first.prompts)) == (0, True, None, 1)


def test_accepted_frames_are_locked_and_cleared_ones_can_be_filled_again(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 6, state="finished")
    desk.mark(Change.Kind.ACCEPT, 8)
    desk.mark(Change.Kind.CLEAR, 12, 16)
    assert desk.states()[8] == "accepted"
    assert 12 not in desk.states()
    row = desk.propagate(8)
    assert row.frames_total == 8
    desk.fill(row, [12, 16], 25)
    assert masks.by_frame(desk.masklet)[12].counts == square(25)


def test_backward_and_both_ways(desk: Desk) -> None:
    desk.draw(20, square(5))
    row = desk.propagate(20, "both")
    assert [run["frames"] for run in row.runs] == [list(range(20, 41, 4)), list(range(20, -1, -4))]
    assert row.frames_total == 10


def test_nothing_is_propagated_from_nothing(desk: Desk) -> None:
    with pytest.raises(NotPossible) as refused:
        desk.propagate(0)
    assert refused.value.code == "nothing_to_propagate"


def test_taking_the_only_point_back_gives_the_frame_its_predicted_mask(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 6, state="finished")
    made = desk.click(8)
    desk.answer(made["change"]["id"], 8, square(30))
    removed = prompts.remove(
        session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=desk.version,
        prompt_id=made["prompts"][0]["id"],
    )  # fmt: skip
    assert removed["masks"][0]["state"] == "predicted"
    assert removed["masks"][0]["counts"] == square(6)


def test_stopping_keeps_what_is_done(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4, 8], 6)
    assert propagations.stop(session=desk.session, propagation_id=row.pk)["state"] == "stopping"
    desk.fill(row, [12], 6, state="stopped")
    row.refresh_from_db()
    assert (row.state, sorted(desk.states())) == ("stopped", [0, 4, 8, 12])


def test_a_masklet_with_frames_nobody_looked_at_cannot_be_submitted(desk: Desk) -> None:
    desk.draw(0, square(5))
    desk.draw(8, square(5))
    with pytest.raises(NotPossible) as refused:
        masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    assert refused.value.code == "unknown_frames"
    assert refused.value.data["ranges"] == [[4, 4], [12, 40]]
