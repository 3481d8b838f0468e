"""Two at once, on a real database: one wins, the other is told, and nothing is there twice."""

# ruff: noqa: B023 - at_once() has run its acts to the end before a loop goes on

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from annotator.errors import AnnotatorError
from annotator.models import (
    Change,
    Mask,
    Masklet,
    Membership,
    Propagation,
    Session,
    Task,
    Upload,
    User,
    Verification,
    Video,
)
from annotator.services import (
    changes,
    claims,
    gold,
    masklets,
    prompts,
    propagations,
    selections,
    sessions,
    tasks,
    training,
    uploads,
    verifications,
)
from annotator.spans import Bounds
from inference_worker.protocol import messages
from tests.annotator.desk import Desk, square
from tests.annotator.golds import copy_id, make_gold, next_task
from tests.annotator.pairs import mask_all
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db(transaction=True)
POINT = messages.Point(x=5, y=5, positive=True)
TRIES = 5


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, or the code of its refusal; all begin together, each on a connection of its own."""
    ready = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            found[index] = act()
        except AnnotatorError as refused:
            found[index] = refused.code
        except Exception as broken:
            found[index] = broken
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def codes(found: list[Any]) -> Counter[str]:
    return Counter(
        one if isinstance(one, str) else repr(one) if isinstance(one, Exception) else "done" for one in found
    )


@pytest.fixture
def desk(annotator: User, project: Any) -> Desk:
    return Desk(annotator, make_video(project, annotator))


@pytest.fixture
def other(project: Any) -> User:
    return make_member(project, "annotator", "second")


def whole(desk: Desk) -> Desk:
    desk.draw(0, square(5))
    desk.fill(desk.propagate(0), list(range(4, 41, 4)), 5, state="finished")
    return desk


def test_one_of_two_people_gets_the_video(annotator: User, other: User, project: Any) -> None:
    for _ in range(TRIES):
        video = make_video(project, annotator)
        found = at_once(
            *(
                lambda who=who: sessions.open_for_annotating(user=who, video=video)
                for who in (annotator, other)
            )
        )
        assert codes(found) == {"done": 1, "held": 1}
        assert Session.objects.filter(video=video, state="open").count() == 1


def test_two_tabs_of_one_person_get_the_same_session(annotator: User, project: Any) -> None:
    for _ in range(TRIES):
        video = make_video(project, annotator)
        found = at_once(*[lambda: sessions.open_for_annotating(user=annotator, video=video).pk] * 3)
        assert len(set(found)) == 1 and isinstance(found[0], int)


def test_one_of_two_people_takes_up_what_lapsed(desk: Desk, other: User, project: Any) -> None:
    third = make_member(project, "annotator", "third")
    for _ in range(TRIES):
        Session.objects.filter(state="open").update(lease_until="2020-01-01T00:00Z")
        found = at_once(
            *(
                lambda who=who: sessions.open_for_annotating(user=who, video=desk.video)
                for who in (other, third)
            )
        )
        # The one who held it before simply goes on.
        assert codes(found) == {"done": 1, "held": 1}
        assert Session.objects.filter(video=desk.video, state="open").count() == 1


def test_of_clicks_made_on_one_version_one_is_stored(desk: Desk) -> None:
    for _ in range(TRIES):
        version = desk.version
        found = at_once(
            *[
                lambda: prompts.add(
                    session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=version,
                    frame_index=4, new=[POINT],
                )
            ] * 3
        )  # fmt: skip
        assert codes(found) == {"done": 1, "stale_version": 2}
        assert desk.version == version + 1
    numbers = list(Change.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, TRIES + 1))


def test_a_retry_that_overtakes_its_first_is_given_the_same_change(desk: Desk) -> None:
    for _ in range(TRIES):
        version, key = desk.version, uuid.uuid4()
        found = at_once(
            *[
                lambda: prompts.add(
                    session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=version,
                    frame_index=4, new=[POINT], client_id=key,
                )["change"]["id"]
            ] * 3
        )  # fmt: skip
        assert len(set(found)) == 1 and isinstance(found[0], int)


def test_a_masklet_and_a_pass_are_made_once_for_one_client_id(desk: Desk) -> None:
    key = uuid.uuid4()
    made = at_once(*[lambda: masklets.create(session=desk.session, user=desk.user, client_id=key)["id"]] * 3)
    assert len(set(made)) == 1 and isinstance(made[0], int)
    desk.draw(0, square(5))
    version, key = desk.version, uuid.uuid4()
    begun = at_once(
        *[
            lambda: propagations.start(
                session=desk.session, user=desk.user, wanted={desk.masklet: version}, start_frame=0,
                direction="forward", bounds=Bounds(), client_id=key,
            )["id"]
        ] * 3
    )  # fmt: skip
    assert len(set(begun)) == 1 and isinstance(begun[0], int)
    assert Propagation.objects.count() == 1


def test_masklets_made_at_once_get_numbers_of_their_own(desk: Desk) -> None:
    found = at_once(*[lambda: masklets.create(session=desk.session, user=desk.user)["number"]] * 4)
    assert sorted(found) == [1, 2, 3, 4]


def test_of_two_passes_over_a_masklet_one_runs(desk: Desk) -> None:
    desk.draw(0, square(5))
    version = desk.version

    def start(base: int) -> Any:
        return propagations.start(
            session=desk.session, user=desk.user, wanted={desk.masklet: base}, start_frame=0,
            direction="forward", bounds=Bounds(),
        )  # fmt: skip

    # The second counts on the version that the first will leave: only the running pass stands in its way.
    found = at_once(lambda: start(version), lambda: start(version + 1))
    assert codes(found)["done"] == 1
    assert set(codes(found)) <= {"done", "stale_version", "propagation_running"}
    assert Propagation.objects.count() == 1


def test_a_masklet_is_submitted_once(desk: Desk) -> None:
    whole(desk)
    version = desk.version
    found = at_once(
        *[lambda: masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: version})] * 3
    )
    assert codes(found) == {"done": 1, "illegal_transition": 2}


def test_a_masklet_gets_one_verdict(desk: Desk, reviewer: User) -> None:
    whole(desk)
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    masklet = Masklet.objects.get()
    session = claims.open_verifying(user=reviewer, masklet=masklet)
    session = Session.objects.select_related("video", "masklet").get(pk=session.pk)
    found = at_once(
        *(
            lambda verdict=verdict: verifications.give(
                session=Session.objects.get(pk=session.pk), user=reviewer, verdict=verdict,
                base_version=masklet.version,
            )
            for verdict in ("satisfactory", "rejected")
        )
    )  # fmt: skip
    assert codes(found) == {"done": 1, "illegal_transition": 1}
    assert Verification.objects.count() == 1


def test_two_managers_with_one_masklet_to_verify(desk: Desk, project: Any) -> None:
    whole(desk)
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    masklet = Masklet.objects.select_related("video__project").get()
    people = [make_member(project, "manager", name) for name in ("one", "two")]
    found = at_once(*(lambda who=who: claims.open_verifying(user=who, masklet=masklet) for who in people))
    assert codes(found) == {"done": 1, "held": 1}


def test_an_undo_and_the_answer_of_the_model_leave_one_of_two_consistent_states(desk: Desk) -> None:
    for _ in range(TRIES):
        change = desk.click(4)["change"]["id"]
        version = desk.version
        at_once(
            lambda change=change: desk.answer(change, 4, square(5)),
            lambda version=version: changes.undo(
                session=desk.session, user=desk.user, masklet_id=desk.masklet, base_version=version
            ),
        )
        row = Change.objects.get(pk=change)
        assert (row.undone, row.pending) == (True, False)
        assert desk.states() == {}


def test_an_answer_delivered_twice_at_once_is_stored_once(desk: Desk) -> None:
    for _ in range(TRIES):
        change = desk.click(4)["change"]["id"]
        at_once(*[lambda change=change: desk.answer(change, 4, square(5))] * 2)
        assert Mask.objects.filter(change=change).count() == 1


def test_chunks_delivered_at_once_are_all_counted(desk: Desk) -> None:
    desk.draw(0, square(5))
    row = desk.propagate(0)
    chunks = [[4, 8, 12], [16, 20, 24], [28, 32, 36, 40], [4, 8, 12]]
    found = at_once(*(lambda frames=frames: desk.fill(row, frames, 6) for frames in chunks))
    row.refresh_from_db()
    assert found == [None] * 4
    assert (row.state, row.frames_done) == ("finished", 10)


def test_a_part_of_an_upload_sent_twice_at_once_is_stored_once(manager: User, project: Any) -> None:
    upload = uploads.begin(project=project, user=manager, filename="a.mp4", size=9)
    found = at_once(*[lambda: uploads.append(upload=upload, offset=0, part=b"abc").offset] * 3)
    assert Counter(found) == {3: 1, "wrong_offset": 2}
    assert uploads.path_of(upload).read_bytes() == b"abc"


def test_videos_added_at_once_get_numbers_of_their_own(manager: User, project: Any) -> None:
    made = [uploads.begin(project=project, user=manager, filename="a.mp4", size=3) for _ in range(3)]
    at_once(*(lambda row=row: uploads.append(upload=row, offset=0, part=b"abc") for row in made))
    assert sorted(Video.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert Upload.objects.filter(state="received").count() == 3


def test_people_who_pull_at_once_get_tasks_of_their_own(annotator: User, project: Any) -> None:
    people = [make_member(project, "annotator", f"puller{number}") for number in range(4)]
    for _ in range(TRIES):
        for _ in range(3):
            tasks.add(kind="select", video=make_video(project, annotator))
        found = at_once(
            *(
                lambda who=who: [task.pk for task in claims.claim_next(user=who, project=project)]
                for who in people
            )
        )
        got = [pk for claimed in found for pk in claimed]
        assert len(got) == len(set(got)) == 3
        for task in Task.objects.filter(state="claimed"):
            tasks.cancel([task], None, "")


def test_one_task_claimed_by_two_goes_to_one(desk: Desk, project: Any) -> None:
    people = [make_member(project, "annotator", f"claimer{number}") for number in range(2)]
    for _ in range(TRIES):
        task = tasks.add(kind="select", video=desk.video)
        found = at_once(*(lambda who=who: claims.claim(user=who, task=task).state for who in people))
        assert Counter(found) == {"claimed": 1, "held": 1}
        assert Session.objects.filter(task=task, state="open").count() == 1


def test_a_task_that_lapses_while_its_holder_finishes_it_is_done_or_waits_and_is_never_both(
    desk: Desk, project: Any
) -> None:
    who = make_member(project, "annotator", "slow")
    for _ in range(TRIES):
        task = claims.claim(user=who, task=tasks.add(kind="exhaust", video=desk.video))
        session = Session.objects.select_related("task", "video").get(task=task, state="open")
        Session.objects.filter(pk=session.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        at_once(
            claims.return_lapsed,
            lambda: selections.answer_exhaustivity(session=session, user=who, left=False),
        )
        task.refresh_from_db()
        assert task.state in ("waiting", "done")
        assert (task.holder_id is None) == (task.state == "waiting")
        assert not Session.objects.filter(task=task, state="open").exists()
        tasks.cancel([task], None, "") if task.state == "waiting" else None


def test_a_pass_beside_the_queue_and_a_claim_of_the_same_object_do_not_wait_for_each_other(
    annotator: User, other: User, project: Any
) -> None:
    for _ in range(TRIES):
        desk = Desk(annotator, make_video(project, annotator))
        desk.draw(0, square(5))
        masklet = Masklet.objects.get(pk=desk.masklet)
        task = tasks.add(kind="track", video=desk.video, masklet=masklet, workers=[])
        wanted = {desk.masklet: desk.version}
        found = at_once(
            lambda: propagations.start(
                session=desk.session, user=annotator, wanted=wanted, start_frame=0, direction="forward",
                bounds=Bounds(),
            ),
            lambda: claims.claim(user=other, task=task),
        )  # fmt: skip
        assert codes(found) == {"done": 1, "held": 1}
        sessions.close_free(Q(user=annotator))


def test_what_becomes_gold_in_the_moment_its_audit_is_taken_is_one_of_both(
    other: User, manager: User, reviewer: User, project: Any
) -> None:
    for _ in range(TRIES):
        made = make_gold(project, other)
        gold.unmark(masklet=made, user=manager)
        audit = tasks.make(project=project, by=manager, kind="audit", masklet=made.pk)
        found = at_once(
            lambda: gold.mark(masklet=made, user=manager), lambda: claims.claim(user=reviewer, task=audit)
        )
        assert codes(found) in ({"done": 1, "held": 1}, {"done": 1, "not_open": 1})
        Task.objects.filter(pk=audit.pk, state="claimed").update(state="cancelled", holder=None)
        Session.objects.filter(task=audit).update(state="closed", closed_at=timezone.now())


def test_who_is_promoted_while_they_hand_in_is_promoted_and_their_work_kept_or_called_off(
    annotator: User, other: User, manager: User, project: Any
) -> None:
    for _ in range(TRIES):
        make_gold(project, other)
        Membership.objects.filter(user=annotator).update(queue="training")
        task = next_task(annotator, project)
        assert task is not None
        copy = Masklet.objects.select_related("video__project").get(pk=copy_id(task))
        mask_all(copy, annotator, 5)
        copy.refresh_from_db()
        session = Session.objects.select_related("video__project", "task", "user").get(
            task=task, state="open"
        )
        member = Membership.objects.get(user=annotator)
        handed_in, promoted = at_once(
            lambda: masklets.submit(session=session, user=annotator, wanted={copy.pk: copy.version}),
            lambda: training.promote(membership=member, by=manager),
        )
        assert isinstance(promoted, Membership)
        task.refresh_from_db()
        assert task.state == ("done" if isinstance(handed_in, list) else "cancelled"), handed_in
