"""What the numbers know of a masklet: kept by the database where it moves, counted where it is stale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.models import Change, Consensus, Masklet, MaskletFacts, Project, Prompt, Session, User, Video
from annotator.services import attention, claims, copies, facts, masklets, prompts, verifications
from annotator.shapes import masklets as shapes
from inference_worker.protocol import messages, rle
from tests.annotator.desk import HEIGHT, WIDTH, Desk, square
from tests.factories import make_video

EMPTY = rle.empty(HEIGHT, WIDTH)


@pytest.fixture
def desk(annotator: User, project: Project) -> Desk:
    return Desk(annotator, make_video(project, annotator))


def filled(desk: Desk, x: int = 5) -> Desk:
    desk.draw(0, square(x))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), x, state="finished")
    return desk


def submit(desk: Desk) -> None:
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})


def counted(desk: Desk) -> MaskletFacts:
    facts.refresh_stale()
    return MaskletFacts.objects.get(pk=desk.masklet)


def judge(desk: Desk, reviewer: User, verdict: str) -> None:
    masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
    session = claims.open_verifying(user=reviewer, masklet=masklet)
    verifications.give(
        session=session, user=reviewer, verdict=verdict, base_version=desk.version, comment="!"
    )


def test_facts_follow_a_masklet_whatever_moves_it(desk: Desk) -> None:
    row = MaskletFacts.objects.get(pk=desk.masklet)
    assert (row.state, row.stale, row.gone, row.project_id) == (
        "in_work",
        False,
        False,
        desk.video.project_id,
    )
    Masklet.objects.filter(pk=desk.masklet).update(state="set_aside", set_aside="too_easy", phase=2)
    row.refresh_from_db()
    assert (row.state, row.set_aside, row.phase, row.stale) == ("set_aside", "too_easy", 2, True)
    Video.objects.filter(pk=desk.video.pk).update(deleted_at=timezone.now())
    row.refresh_from_db()
    assert row.gone


def test_acts_that_stand_are_counted_and_undone_ones_are_not(desk: Desk) -> None:
    filled(desk)
    desk.click(8)
    desk.click(8, 20, 20, positive=False)
    desk.prompt(12, messages.Box(x0=1, y0=1, x1=9, y1=9))
    desk.click(16)
    desk.undo()
    for change in (1, 2, 3):
        desk.answer(desk_change(desk, change), [8, 8, 12][change - 1], square(5))
    submit(desk)
    row = counted(desk)
    assert (row.edited_frames, row.clicks, row.clicked_frames, row.frames) == (3, 3, 2, 11)


def test_frames_whose_prompts_were_all_taken_back_are_not_edited_and_their_clicks_were_work(
    desk: Desk,
) -> None:
    filled(desk)
    for frame in (8, 8, 12, 16, 20):
        change = desk.click(frame)["change"]["id"]
        desk.answer(change, frame, square(5))
    for frame in (8, 12):
        prompt = Prompt.objects.filter(masklet=desk.masklet, frame_index=frame).latest("pk")
        prompts.remove(
            session=desk.session, user=desk.user, masklet_id=desk.masklet, prompt_id=prompt.pk,
            base_version=desk.version,
        )  # fmt: skip
    desk.answer(Change.objects.get(pending=True).pk, 8, square(5))
    desk.mark(Change.Kind.CLEAR, 16)
    desk.draw(16, square(5))
    desk.draw(20, square(5))
    desk.mark(Change.Kind.CLEAR, 0)
    desk.fill(desk.propagate(4, "backward"), [0], 5, state="finished")
    submit(desk)
    row = counted(desk)
    assert (row.edited_frames, row.clicks, row.clicked_frames) == (3, 5, 4)  # edited: 8, 16, 20
    assert shapes.masklet(desk.masklet)["edited_frame_count"] == 3


def test_what_a_twin_begins_with_was_clicked_once_and_is_an_edited_frame_of_both(
    desk: Desk, annotator: User
) -> None:
    desk.answer(desk.click(4)["change"]["id"], 4, square(5))
    first = Masklet.objects.get(pk=desk.masklet)
    twin, on_gold = copies.copy_of_selection(first), copies.copy_of_selection(first, gold_of=first)
    desk.masklet = twin.pk
    desk.answer(desk.click(8)["change"]["id"], 8, square(5))
    for pk in (first.pk, twin.pk, on_gold.pk):
        desk.masklet = pk
        handed_in(desk, 3)
    facts.refresh_stale()
    named = ("edited_frames", "clicks", "clicked_frames")
    rows = [MaskletFacts.objects.values_list(*named).get(pk=pk) for pk in (first.pk, twin.pk, on_gold.pk)]
    assert rows == [(1, 1, 1), (2, 1, 1), (1, 1, 1)], "only work on gold looks like any other"


def desk_change(desk: Desk, nth: int) -> int:
    pending = Masklet.objects.get(pk=desk.masklet).changes.filter(kind="prompt", undone=False)
    return list(pending.order_by("number").values_list("pk", flat=True))[nth]


def test_size_and_visibility_are_those_of_the_files(desk: Desk) -> None:
    filled(desk)
    desk.draw(0, EMPTY)
    desk.draw(12, EMPTY)
    desk.draw(16, EMPTY)
    desk.draw(40, square(5, side=4))
    submit(desk)
    row = counted(desk)
    # Seen on slots 1, 2 and 5 to 10, and not on 0, 3 and 4: gone once, and back.
    assert (row.first_slot, row.visible_frames, row.visibility_changes) == (1, 8, 2)
    assert row.mean_area == pytest.approx((7 * 64 + 16) / 8)
    assert row.relative_area == pytest.approx(row.mean_area / (HEIGHT * WIDTH))
    assert row.model_version is not None and row.model_version.engine == "scripted"


def test_time_counts_until_the_page_has_told_all_of_it(desk: Desk) -> None:
    Session.objects.filter(pk=desk.session.pk).update(opened_at=timezone.now() - timedelta(minutes=1))
    submit(filled(desk))
    assert counted(desk).active_ms == 0
    look = {"session_id": desk.session.pk, "user": desk.user, "shown": {}}
    attention.add(**look, masklet_id=desk.masklet, active_ms=3000)
    attention.add(**look, masklet_id=None, active_ms=500)
    assert counted(desk).active_ms == 3000


def test_verdicts_and_returns_are_counted(desk: Desk, reviewer: User) -> None:
    submit(filled(desk))
    judge(desk, reviewer, "unsatisfactory")
    submit(desk)
    judge(desk, reviewer, "satisfactory")
    row = counted(desk)
    assert (row.state, row.verdicts, row.returns) == ("accepted", 2, 1)


def test_a_pass_costs_each_of_its_masklets_a_part(desk: Desk) -> None:
    filled(desk)
    row = Masklet.objects.get(pk=desk.masklet).propagations.get()
    other = masklets.create(session=desk.session, user=desk.user)["id"]
    row.masklets.add(other)
    row.engine_ms = 900
    row.save()
    submit(desk)
    assert counted(desk).engine_ms == pytest.approx(450)


def test_answers_to_clicks_cost_engine_time_also_where_they_were_undone(desk: Desk) -> None:
    filled(desk)
    Masklet.objects.get(pk=desk.masklet).propagations.update(engine_ms=100)
    for frame in (8, 12):
        desk.answer(desk.click(frame)["change"]["id"], frame, square(5))
    desk.undo()
    submit(desk)
    assert counted(desk).engine_ms == pytest.approx(100 + 2 * 1)  # each answer says 1 ms


def twins(annotator: User, project: Project) -> tuple[Desk, Desk]:
    """One object tracked twice."""
    video = make_video(project, annotator)
    first, second = Desk(annotator, video), Desk(annotator, video)
    Consensus.objects.create(
        first=Masklet.objects.get(pk=first.masklet), second=Masklet.objects.get(pk=second.masklet)
    )
    return first, second


def handed_in(desk: Desk, phase: int) -> None:
    Masklet.objects.filter(pk=desk.masklet).update(
        state="submitted", phase=phase, tracked_by=desk.user, submitted_at=timezone.now()
    )


def accepted(desk: Desk, phase: int) -> None:
    handed_in(desk, phase)
    Masklet.objects.filter(pk=desk.masklet).update(state="accepted")


def test_alignment_is_with_what_phase_one_made_of_the_same_object(annotator: User, project: Project) -> None:
    first, second = twins(annotator, project)
    filled(first)
    filled(second)
    second.draw(4, square(6))  # 7 of 9 columns in common: 56 of 72 pixels, above 0.75
    second.draw(8, square(7))  # 48 of 80
    first.draw(12, EMPTY)  # shown by one only
    for empty in (first, second):
        empty.draw(16, EMPTY)  # shown by neither: nothing to compare
    accepted(first, 1)
    handed_in(second, 3)
    row = counted(second)
    assert (row.compared, row.aligned, row.bucket) == (10, 8, "small")
    assert counted(first).compared == 0


def test_what_was_compared_with_phase_one_is_compared_anew_when_that_changes(
    annotator: User, project: Project
) -> None:
    first, second = twins(annotator, project)
    filled(second)
    handed_in(second, 3)
    assert counted(second).compared == 0
    filled(first)
    handed_in(first, 1)
    assert counted(second).compared == 0
    accepted(first, 1)
    assert (counted(second).compared, counted(second).aligned) == (11, 11)


@pytest.mark.parametrize("state", ["rejected", "refine", "set_aside", "submitted"])
def test_nothing_is_compared_with_what_was_not_accepted(
    annotator: User, project: Project, state: str
) -> None:
    first, second = twins(annotator, project)
    filled(first)
    filled(second)
    handed_in(second, 3)
    handed_in(first, 1)
    aside = "not_chosen" if state == "set_aside" else ""
    Masklet.objects.filter(pk=first.masklet).update(state=state, set_aside=aside)
    assert counted(second).compared == 0


def test_work_on_gold_is_compared_with_the_gold_and_never_with_other_work_on_it(
    annotator: User, project: Project
) -> None:
    gold, trainee, later = (filled(Desk(annotator, make_video(project, annotator))) for _ in range(3))
    trainee.draw(4, EMPTY)
    handed_in(gold, 3)
    for desk, phase in ((trainee, 1), (later, 3)):
        handed_in(desk, phase)
        Masklet.objects.filter(pk=desk.masklet).update(
            state="set_aside", set_aside="gold", gold_of=gold.masklet
        )
    Masklet.objects.filter(pk=gold.masklet).update(state="accepted", is_gold=True)
    assert counted(later).compared == 0, "the gold is of phase 3"
    Masklet.objects.filter(pk=gold.masklet).update(phase=1)
    assert (counted(later).compared, counted(later).aligned) == (11, 11)


def test_a_recount_finds_the_same_again(desk: Desk) -> None:
    submit(filled(desk))
    before = counted(desk)
    MaskletFacts.objects.update(frames=0, clicks=99, visible_frames=7)
    facts.recount_all()
    assert counted(desk).__dict__ | {"_state": 0} == before.__dict__ | {"_state": 0}
