"""The queue: who gets which task, what holding one means, and what follows when it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotator.errors import AnnotatorError, Conflict, NotAllowed, NotPossible
from annotator.models import (
    Change,
    Masklet,
    Membership,
    Project,
    Session,
    Task,
    TaskEvent,
    User,
    Verification,
)
from annotator.selectors import invariants, masks
from annotator.services import (
    chance,
    changes,
    claims,
    masklets,
    priorities,
    prompts,
    recovery,
    routing,
    selections,
    sessions,
    tasks,
    verifications,
)
from inference_worker.protocol import messages
from tests.annotator.desk import square
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db
ALL = 1.0


@pytest.fixture
def selector(project: Project) -> User:
    return make_member(project, "annotator", "selector")


def select_task(project: Project, by: User, **fields: Any) -> Task:
    return tasks.add(kind="select", video=make_video(project, by), **fields)


def session_of(task: Task) -> Session:
    return Session.objects.select_related("video__project", "masklet", "task").get(task=task, state="open")


def draw(session: Session, masklet: int, frame: int, side: int = 8) -> None:
    prompts.add(
        session=session, user=session.user, masklet_id=masklet, frame_index=frame,
        base_version=Masklet.objects.get(pk=masklet).version,
        new=[messages.MaskPrompt(counts=square(5, side=side))],
    )  # fmt: skip


def select_one(project: Project, selector: User) -> Masklet:
    """An object chosen in a selection that is over."""
    task = claims.claim(user=selector, task=select_task(project, selector))
    made = masklets.create(session=session_of(task), user=selector)["id"]
    draw(session_of(task), made, 0)
    selections.finish(session=session_of(task), user=selector)
    return Masklet.objects.select_related("video__project").get(pk=made)


def track(masklet: Masklet, user: User, edited: int = 11) -> None:
    task = claims.claim(
        user=user, task=Task.objects.get(masklet=masklet, kind__in=("track", "refine"), state="waiting")
    )
    session = session_of(task)
    for frame in masklet.video.annotated_indices[1:edited]:
        draw(session, masklet.pk, frame)
    rest = set(masklet.video.annotated_indices) - {row.frame_index for row in masks.current([masklet.pk])}
    version = Masklet.objects.get(pk=masklet.pk).version
    if rest:
        changes.mark_frames(
            session=session, user=user, masklet_id=masklet.pk, base_version=version,
            kind=Change.Kind.ABSENT, frames=rest,
        )  # fmt: skip
        version += 1
    masklets.submit(session=session, user=user, wanted={masklet.pk: version})


def judge(masklet: Masklet, user: User, verdict: str, kind: str = "verify") -> None:
    task = claims.claim(user=user, task=Task.objects.get(masklet=masklet, kind=kind, state="waiting"))
    version = Masklet.objects.get(pk=masklet.pk).version
    verifications.give(
        session=session_of(task), user=user, verdict=verdict, base_version=version, comment="because"
    )


def waiting(masklet: Masklet) -> list[str]:
    return sorted(Task.objects.filter(masklet=masklet, state="waiting").values_list("kind", flat=True))


def refused(act) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(AnnotatorError) as error:
        act()
    return error.value.code


def test_the_most_urgent_task_is_served_first_and_among_equals_the_one_that_waited_longest(
    project: Project, annotator: User, manager: User
) -> None:
    early, late, urgent = (select_task(project, manager, priority=priority) for priority in (0, 0, 5))
    got = [claims.claim_next(user=annotator, project=project)[0] for _ in range(3)]
    assert got == [urgent, early, late]
    assert claims.claim_next(user=annotator, project=project) == []


def test_what_is_nearest_to_done_is_served_before_anything_new(
    project: Project, annotator: User, selector: User
) -> None:
    masklet = select_one(project, selector)
    select_task(project, selector)
    assert claims.claim_next(user=annotator, project=project)[0].masklet == masklet


def test_a_task_that_asks_for_a_skill_goes_to_who_has_it(
    project: Project, annotator: User, manager: User
) -> None:
    task = select_task(project, manager, skill="surgery")
    assert claims.claim_next(user=annotator, project=project) == []
    assert refused(lambda: claims.claim(user=annotator, task=task)) == "lacks_skill"
    Membership.objects.filter(user=annotator).update(skills=["surgery", "traffic"])
    assert claims.claim_next(user=annotator, project=project) == [task]
    Membership.objects.filter(user=annotator).update(skills=[])
    claims.give_back(task=task, user=annotator)
    assert claims.claim(user=annotator, task=task).holder == annotator  # who had it may go on with it


def test_nobody_is_served_a_stage_of_their_own_work(
    project: Project, selector: User, annotator: User
) -> None:
    masklet = select_one(project, selector)
    task = Task.objects.get(masklet=masklet)
    assert claims.claim_next(user=selector, project=project) == []
    assert refused(lambda: claims.claim(user=selector, task=task)) == "own_work"
    project.independent_review = False
    project.save()
    assert claims.claim_next(user=selector, project=project) == [task]


def test_kinds_out_of_a_role_s_reach_are_refused(project: Project, annotator: User) -> None:
    with pytest.raises(NotAllowed):
        claims.claim_next(user=annotator, project=project, kinds=["verify"])


def test_one_person_holds_so_many_and_no_more(project: Project, annotator: User, manager: User) -> None:
    for _ in range(claims.MOST_HELD + 1):
        select_task(project, manager)
    assert len(claims.claim_next(user=annotator, project=project, most=claims.MOST_HELD)) == claims.MOST_HELD
    assert refused(lambda: claims.claim_next(user=annotator, project=project)) == "too_many_held"


def test_a_skipped_task_goes_to_others_and_never_again_to_who_skipped_it(
    project: Project, annotator: User, selector: User
) -> None:
    task = select_task(project, selector)
    claims.claim_next(user=annotator, project=project)
    assert refused(lambda: claims.skip(task=task, user=annotator, reason=" ")) == "says_nothing"
    claims.skip(task=task, user=annotator, reason="too dark")
    assert claims.claim_next(user=annotator, project=project) == []
    assert claims.claim_next(user=selector, project=project) == [task]
    said = TaskEvent.objects.filter(task=task).values_list("kind", "reason").order_by("id")
    assert list(said) == [("created", ""), ("claimed", ""), ("skipped", "too dark"), ("claimed", "")]


def test_a_task_on_hold_stays_with_its_holder_without_a_lease_until_a_manager_releases_it(
    project: Project, annotator: User, selector: User, manager: User
) -> None:
    task = select_task(project, manager)
    claims.claim_next(user=annotator, project=project)
    claims.hold(task=task, user=annotator, reason="which part?")
    assert not Session.objects.filter(task=task, state="open").exists()
    assert claims.claim_next(user=selector, project=project) == []
    assert refused(lambda: claims.claim(user=selector, task=task)) == "held"
    assert claims.claim(user=annotator, task=task).state == "claimed"
    claims.hold(task=task, user=annotator, reason="still")
    task.refresh_from_db()
    claims.release(task=task, user=manager)
    assert claims.claim_next(user=selector, project=project) == [task]


def test_a_lapsed_task_waits_again_at_its_old_place_with_its_work_kept(
    project: Project, annotator: User, selector: User
) -> None:
    masklet = select_one(project, selector)
    task = claims.claim(user=annotator, task=Task.objects.get(masklet=masklet))
    session = session_of(task)
    draw(session, masklet.pk, 4)
    since = task.waiting_since
    Session.objects.filter(pk=session.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    recovery.sweep()
    task.refresh_from_db()
    assert (task.state, task.holder, task.waiting_since) == ("waiting", None, since)
    assert refused(lambda: draw(sessions.held(session.pk, annotator), masklet.pk, 8)) == "session_closed"
    assert {row.frame_index for row in masks.current([masklet.pk])} == {0, 4}
    other = make_member(project, "annotator", "other")
    assert claims.claim_next(user=other, project=project) == [task]
    assert refused(lambda: claims.give_back(task=task, user=annotator)) == "not_held"


def test_one_heartbeat_keeps_the_whole_batch(project: Project, annotator: User, manager: User) -> None:
    for _ in range(3):
        select_task(project, manager)
    batch = claims.claim_next(user=annotator, project=project, most=3)
    Session.objects.update(lease_until=timezone.now() + timedelta(seconds=20))
    sessions.heartbeat(session_id=session_of(batch[0]).pk, user=annotator)
    soon = timezone.now() + timedelta(seconds=30)
    assert Session.objects.filter(state="open", lease_until__gt=soon).count() == 3


def test_a_task_s_session_changes_its_masklet_only(project: Project, annotator: User, selector: User) -> None:
    mine = select_one(project, selector)
    session = session_of(claims.claim(user=annotator, task=Task.objects.get(masklet=mine)))
    other = Masklet.objects.create(video=mine.video, number=7, name="other", created_by=selector)
    assert refused(lambda: draw(session, other.pk, 0)) == "not_in_task"
    assert refused(lambda: masklets.create(session=session, user=annotator)) == "in_task"
    assert (
        refused(
            lambda: masklets.delete(
                session=session, masklet_id=mine.pk, base_version=Masklet.objects.get(pk=mine.pk).version
            )
        )
        == "in_task"
    )


def test_a_selection_changes_only_what_its_person_began(
    project: Project, annotator: User, selector: User
) -> None:
    earlier = select_one(project, selector)
    task = tasks.add(kind="select", video=earlier.video)
    session = session_of(claims.claim(user=annotator, task=task))
    assert refused(lambda: draw(session, earlier.pk, 4)) == "not_in_task"


def test_a_selection_sends_what_was_prompted_to_be_tracked_and_puts_the_rest_away(
    project: Project, annotator: User
) -> None:
    task = claims.claim(user=annotator, task=select_task(project, annotator))
    asked, idle = (masklets.create(session=session_of(task), user=annotator)["id"] for _ in range(2))
    draw(session_of(task), asked, 8)
    assert selections.finish(session=session_of(task), user=annotator) == [asked]
    assert list(Task.objects.filter(kind="track").values_list("masklet", flat=True)) == [asked]
    assert Masklet.objects.get(pk=idle).deleted_at is not None
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "selected")


def test_a_masklet_goes_the_whole_way_through_other_hands_at_each_stage(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    project.audit_share = ALL
    project.save()
    masklet = select_one(project, selector)
    track(masklet, annotator)
    assert waiting(masklet) == ["verify"]
    judge(masklet, reviewer, "unsatisfactory")
    assert waiting(masklet) == ["refine"]
    assert Task.objects.get(masklet=masklet, kind="refine").priority == priorities.URGENT
    track(masklet, annotator)
    judge(masklet, reviewer, "satisfactory")
    masklet.refresh_from_db()
    assert (masklet.state, waiting(masklet)) == ("accepted", ["audit"])
    audit = Task.objects.get(masklet=masklet, kind="audit")
    assert refused(lambda: claims.claim(user=reviewer, task=audit)) == "own_work"
    judge(masklet, manager, "unsatisfactory", kind="audit")
    masklet.refresh_from_db()
    assert (masklet.state, waiting(masklet)) == ("refine", ["refine"])
    stages = Verification.objects.order_by("id").values_list("stage", "verdict")
    assert list(stages) == [
        ("verify", "unsatisfactory"), ("verify", "satisfactory"), ("audit", "unsatisfactory"),
    ]  # fmt: skip


def test_an_audit_that_agrees_leaves_everything_as_it_was(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    project.audit_share = ALL
    project.save()
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "satisfactory")
    judge(masklet, manager, "satisfactory", kind="audit")
    masklet.refresh_from_db()
    assert (masklet.state, waiting(masklet)) == ("accepted", [])


def test_an_auto_masklet_that_fails_is_refined_by_share_and_else_kept_as_a_failure(
    project: Project, reviewer: User, manager: User
) -> None:
    video = make_video(project, manager)
    found = []
    for number, share in enumerate((0.0, ALL)):
        project.auto_refine_share = share
        project.save()
        auto = Masklet.objects.create(
            video=video, number=number, name="auto", type="auto", state="submitted", created_by=manager,
            submitted_at=timezone.now(),
        )  # fmt: skip
        routing.after_submit(auto, manager)
        judge(auto, reviewer, "unsatisfactory")
        auto.refresh_from_db()
        found.append((auto.state, auto.set_aside, waiting(auto)))
    assert found == [("set_aside", "auto_failure", []), ("refine", "", ["refine"])]


def test_the_third_person_decides_between_two_who_tracked_the_same_object(
    project: Project, annotator: User, selector: User, reviewer: User
) -> None:
    project.consensus_share = ALL
    project.save()
    first = select_one(project, selector)
    second = Masklet.objects.select_related("video__project").exclude(pk=first.pk).get()
    assert [row.counts for row in masks.current([first.pk])] == [
        row.counts for row in masks.current([second.pk])
    ]
    track(first, annotator)
    assert waiting(first) == []
    assert (
        refused(lambda: claims.claim(user=selector, task=Task.objects.get(masklet=second, kind="track")))
        == "own_work"
    )
    track(second, make_member(project, "annotator", "other"))
    assert waiting(first) == ["decide"] and waiting(second) == []
    assert claims.claim_next(user=reviewer, project=project)[0].kind == "decide"


def test_whether_anything_is_left_is_answered_and_leads_to_another_selection(
    project: Project, annotator: User
) -> None:
    video = make_video(project, annotator)
    for left, kinds in ((False, []), (True, ["select"])):
        task = claims.claim(user=annotator, task=tasks.add(kind="exhaust", video=video))
        selections.answer_exhaustivity(session=session_of(task), user=annotator, left=left, note="a dog")
        assert list(Task.objects.filter(state="waiting").values_list("kind", flat=True)) == kinds
    outcomes = Task.objects.filter(kind="exhaust").order_by("id").values_list("outcome", "answer_note")
    assert list(outcomes) == [("nothing_left", "a dog"), ("something_left", "a dog")]


def test_in_a_project_of_pulled_work_an_annotator_opens_no_video_of_their_own_choice(
    project: Project, annotator: User, manager: User
) -> None:
    project.pull_only = True
    project.save()
    video = make_video(project, manager)
    assert refused(lambda: sessions.open_for_annotating(user=annotator, video=video)) == "by_tasks_only"
    assert sessions.open_for_annotating(user=manager, video=video).task is None


def test_work_handed_in_unasked_finishes_the_task_that_waited_for_it_and_not_one_that_is_held(
    project: Project, annotator: User, selector: User, reviewer: User, manager: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    judge(masklet, reviewer, "unsatisfactory")
    refine = Task.objects.get(masklet=masklet, kind="refine")
    free = sessions.open_for_annotating(user=manager, video=masklet.video)
    version = Masklet.objects.get(pk=masklet.pk).version
    claims.claim(user=annotator, task=refine)
    with pytest.raises(Conflict) as held:
        masklets.submit(session=free, user=manager, wanted={masklet.pk: version})
    assert held.value.code == "held"
    claims.give_back(task=refine, user=annotator)
    masklets.submit(session=free, user=manager, wanted={masklet.pk: version})
    refine.refresh_from_db()
    assert (refine.state, refine.holder) == ("done", manager)


def test_a_manager_makes_tasks_that_do_not_follow_from_work_and_no_others(
    project: Project, manager: User, selector: User
) -> None:
    masklet = select_one(project, selector)
    video = make_video(project, manager)
    assert tasks.make(project=project, by=manager, kind="exhaust", video=video.pk).video == video
    for kind, code in (("verify", "not_asked_for"), ("audit", "no_masklet"), ("select", "no_video")):
        with pytest.raises(NotPossible) as error:
            tasks.make(project=project, by=manager, kind=kind, masklet=masklet.pk)
        assert error.value.code == code


def test_chance_is_the_same_at_every_try_and_near_its_share() -> None:
    taken = [chance.drawn("audit", pk, 0.3) for pk in range(2000)]
    assert taken == [chance.drawn("audit", pk, 0.3) for pk in range(2000)]
    assert 500 < sum(taken) < 700
    assert not any(chance.drawn("audit", pk, 0) for pk in range(100))
    assert all(chance.drawn("audit", pk, 1) for pk in range(100))


def test_chance_is_foreseen_by_nobody_who_does_not_know_the_secret(settings: Any) -> None:
    here = [chance.drawn("audit", pk, 0.5) for pk in range(100)]
    settings.SECRET_KEY = "another server's"
    assert here != [chance.drawn("audit", pk, 0.5) for pk in range(100)]


def test_the_tables_say_when_a_promise_is_broken(
    project: Project, annotator: User, selector: User, reviewer: User
) -> None:
    masklet = select_one(project, selector)
    track(masklet, annotator)
    assert invariants.broken(project) == {}
    judge(masklet, reviewer, "satisfactory")
    assert invariants.broken(project) == {}
    Verification.objects.update(reviewer=annotator)
    Task.objects.filter(kind="verify").update(state="waiting", holder=None, done_at=None)
    assert set(invariants.broken(project)) == {
        "nobody judged what they worked on", "what waits fits the state of its masklet and video",
        "every verdict finished a task",
    }  # fmt: skip


def test_nobody_tracks_both_masklets_of_one_object(project: Project, annotator: User, selector: User) -> None:
    project.consensus_share = ALL
    project.save()
    first = select_one(project, selector)
    second = Masklet.objects.exclude(pk=first.pk).get()
    assert [task.masklet for task in claims.claim_next(user=annotator, project=project, most=2)] == [first]
    twin = Task.objects.get(masklet=second)
    assert refused(lambda: claims.claim(user=annotator, task=twin)) == "own_work"
    other = make_member(project, "annotator", "other")
    assert claims.claim_next(user=other, project=project) == [twin]
