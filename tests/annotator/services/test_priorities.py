"""What follows a task takes over its skill and its priority, step by step."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotator.models import Masklet, Membership, Project, Task, User
from annotator.services import (
    claims,
    consensus,
    masklets,
    priorities,
    selections,
    sessions,
    tasks,
    verifier_decisions,
)
from tests.annotator.pairs import full
from tests.annotator.services.test_tasks import (
    draw,
    judge,
    select_task,
    session_of,
    track,
)
from tests.annotator.services.test_verifier_models import a_model, handed_in
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db
ALL = 1.0
SURGERY = ("surgery", 50)


@pytest.fixture(autouse=True)
def surgeons(annotator: User, reviewer: User, manager: User) -> None:
    Membership.objects.update(skills=["surgery"])


@pytest.fixture
def project(project: Project) -> Project:
    project.audit_share = ALL
    project.save()
    return project


@pytest.fixture
def other(project: Project) -> User:
    user = make_member(project, "annotator", "other")
    Membership.objects.filter(user=user).update(skills=["surgery"])
    return user


def selected(project: Project, user: User, skill: str = "surgery", priority: int = 50) -> Masklet:
    """An object chosen in a selection that asked for a skill, and for haste."""
    task = claims.claim(user=user, task=select_task(project, user, skill=skill, priority=priority))
    made = masklets.create(session=session_of(task), user=user)["id"]
    draw(session_of(task), made, 0)
    selections.finish(session=session_of(task), user=user)
    return Masklet.objects.select_related("video__project").get(pk=made)


def waiting(masklet: Masklet) -> list[tuple[str, str, int]]:
    rows = Task.objects.filter(masklet=masklet, state="waiting").order_by("kind")
    return list(rows.values_list("kind", "skill", "priority"))


def steer(masklet: Masklet, **fields: Any) -> None:
    tasks.edit(task=Task.objects.get(masklet=masklet, state="waiting"), **fields)


def test_each_step_takes_over_skill_and_priority_to_the_end(
    project: Project, annotator: User, other: User, reviewer: User, manager: User
) -> None:
    masklet = selected(project, other)
    assert waiting(masklet) == [("track", *SURGERY)]
    track(masklet, annotator)
    assert waiting(masklet) == [("verify", *SURGERY)]
    judge(masklet, reviewer, "unsatisfactory")
    assert waiting(masklet) == [("refine", *SURGERY)]
    track(masklet, annotator)
    assert waiting(masklet) == [("verify", *SURGERY)]
    judge(masklet, reviewer, "satisfactory")
    assert waiting(masklet) == [("audit", *SURGERY)]
    judge(masklet, manager, "unsatisfactory", kind="audit")
    assert waiting(masklet) == [("refine", *SURGERY)]


def test_what_is_sent_back_is_urgent_and_what_follows_it_is_what_it_was_before(
    project: Project, annotator: User, other: User, reviewer: User
) -> None:
    for priority in (0, 5):
        masklet = selected(project, other, priority=priority)
        track(masklet, annotator)
        judge(masklet, reviewer, "unsatisfactory")
        assert waiting(masklet) == [("refine", "surgery", priorities.URGENT)]
        track(masklet, annotator)
        assert waiting(masklet) == [("verify", "surgery", priority)]


def test_what_a_manager_steers_on_the_way_goes_on_with_the_work(
    project: Project, annotator: User, other: User, reviewer: User
) -> None:
    masklet = selected(project, other)
    steer(masklet, skill="", priority=-3)
    track(masklet, annotator)
    assert waiting(masklet) == [("verify", "", -3)]
    steer(masklet, skill="surgery", priority=70)
    judge(masklet, reviewer, "unsatisfactory")
    assert waiting(masklet) == [("refine", "surgery", 70)]
    steer(masklet, priority=0)
    track(masklet, annotator)
    assert waiting(masklet) == [("verify", "surgery", 0)]


def test_a_selection_that_is_steered_while_somebody_is_at_it_gives_what_it_has_then(
    project: Project, other: User
) -> None:
    task = claims.claim(user=other, task=select_task(project, other))
    session = session_of(task)
    made = masklets.create(session=session, user=other)["id"]
    draw(session, made, 0)
    tasks.edit(task=Task.objects.get(pk=task.pk), skill="surgery", priority=50)
    selections.finish(session=session, user=other)
    assert waiting(Masklet.objects.get(pk=made)) == [("track", *SURGERY)]


def test_what_is_left_in_a_video_is_selected_as_it_was_asked_for(project: Project, annotator: User) -> None:
    video = make_video(project, annotator)
    asked = tasks.add(kind="exhaust", video=video, skill="surgery", priority=50)
    claims.claim(user=annotator, task=asked)
    selections.answer_exhaustivity(session=session_of(asked), user=annotator, left=True)
    select = Task.objects.get(kind="select")
    assert (select.skill, select.priority) == SURGERY


def twins(project: Project, user: User, priority: int = 50) -> tuple[Masklet, Masklet]:
    project.consensus_share = ALL
    project.save()
    first = selected(project, user, priority=priority)
    rows = Masklet.objects.select_related("video__project")
    return first, rows.get(consensus_second__first=first)


def test_twins_their_decision_and_its_reversal_take_over(
    project: Project, annotator: User, other: User, reviewer: User, manager: User
) -> None:
    first, second = twins(project, manager)
    assert waiting(first) == waiting(second) == [("track", *SURGERY)]
    track(first, annotator)
    track(second, other)
    assert waiting(first) == [("decide", *SURGERY)]
    steer(first, priority=60)
    task = claims.claim(user=reviewer, task=Task.objects.get(kind="decide"))
    pair = consensus.decide(session=session_of(task), user=reviewer, chosen=second.pk)
    assert waiting(second) == [("verify", "surgery", 60)]
    consensus.reverse(pair=pair, user=manager)
    assert waiting(first) == [("verify", "surgery", 60)]


def test_of_two_of_which_neither_is_good_the_refined_one_takes_over(
    project: Project, annotator: User, other: User, reviewer: User, manager: User
) -> None:
    first, second = twins(project, manager)
    track(first, annotator)
    track(second, other)
    task = claims.claim(user=reviewer, task=Task.objects.get(kind="decide"))
    consensus.decide(session=session_of(task), user=reviewer, chosen=None, comment="Both slip.")
    assert waiting(first) == [("refine", *SURGERY)]


def test_the_one_that_is_left_of_two_is_verified_as_its_own_task_was_asked_for(
    project: Project, annotator: User, other: User, manager: User
) -> None:
    first, second = twins(project, manager)
    steer(second, skill="", priority=1)
    track(first, annotator)
    free = sessions.open_for_annotating(user=manager, video=second.video)
    second.refresh_from_db()
    masklets.delete(session=free, masklet_id=second.pk, base_version=second.version)
    assert waiting(first) == [("verify", *SURGERY)]


def test_what_is_restored_waits_as_it_did(project: Project, other: User, manager: User) -> None:
    masklet = selected(project, other)
    steer(masklet, priority=60)
    free = sessions.open_for_annotating(user=manager, video=masklet.video)
    masklets.delete(session=free, masklet_id=masklet.pk, base_version=masklet.version)
    masklets.restore(session=free, masklet_id=masklet.pk)
    assert waiting(masklet) == [("track", "surgery", 60)]


def test_what_is_handed_in_without_a_task_takes_nothing_over(project: Project, annotator: User) -> None:
    desk = full(annotator, project)
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    assert waiting(Masklet.objects.get(pk=desk.masklet)) == [("verify", "", 0)]


def test_what_the_verifier_model_accepts_is_audited_as_it_was_to_be_verified(
    project: Project, annotator: User, manager: User
) -> None:
    project.verifier_threshold, project.verifier_audit_share = 0.6, ALL
    project.save()
    a_model(project, manager)
    masklet = Masklet.objects.get(pk=handed_in(annotator, project, jumps=False).masklet)
    steer(masklet, skill="surgery", priority=50)
    assert verifier_decisions.decide(masklet.pk)
    assert waiting(masklet) == [("audit", *SURGERY)]


def auto(project: Project, by: User, suspicion: float | None = None) -> Masklet:
    """An auto masklet that a run has handed in."""
    made = Masklet.objects.create(
        video=make_video(project, by), number=0, name="Auto 1", type="auto", state="submitted", created_by=by,
        submitted_at=timezone.now(), suspicion=suspicion,
    )  # fmt: skip
    tasks.add(kind="verify", video=made.video, masklet=made, workers=[])
    return made


def test_an_auto_masklet_is_last_in_line_only_until_a_person_has_judged_it(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    project.auto_refine_share = ALL
    project.save()
    good, bad = auto(project, manager), auto(project, manager)
    assert waiting(good) == [("verify", "", priorities.LAST_IN_LINE)]
    judge(good, reviewer, "satisfactory")
    assert waiting(good) == [("audit", "", 0)]
    judge(bad, reviewer, "unsatisfactory")
    assert waiting(bad) == [("refine", "", priorities.URGENT)]
    track(bad, annotator)
    assert waiting(bad) == [("verify", "", 0)]


def test_decisions_and_audits_are_served_before_what_is_suspected_most(
    project: Project, annotator: User, other: User, reviewer: User, manager: User
) -> None:
    project.suspicious_first = True
    project.save()
    audited = selected(project, annotator, priority=0)
    track(audited, other)
    judge(audited, manager, "satisfactory")
    first, second = twins(project, manager, priority=0)
    for one, user in ((first, annotator), (second, other)):
        track(one, user)
    worst = Masklet.objects.get(pk=handed_in(annotator, project, jumps=True).masklet)
    Task.objects.filter(masklet=worst).update(priority=priorities.TOP_PRIORITY)  # no other can have more
    served = [claims.claim_next(user=reviewer, project=project)[0] for _ in range(3)]
    assert [(task.kind, task.masklet) for task in served] == [
        ("decide", first), ("audit", audited), ("verify", worst),
    ]  # fmt: skip
    assert {task.priority for task in served} == {priorities.TOP_PRIORITY}


def test_a_decision_under_suspicion_is_followed_by_what_was_asked_for_before_it(
    project: Project, annotator: User, other: User, reviewer: User, manager: User
) -> None:
    project.suspicious_first = True
    project.save()
    first, second = twins(project, manager, priority=5)
    track(first, annotator)
    track(second, other)
    assert waiting(first) == [("decide", "surgery", priorities.TOP_PRIORITY)]
    task = claims.claim(user=reviewer, task=Task.objects.get(kind="decide"))
    consensus.decide(session=session_of(task), user=reviewer, chosen=first.pk)
    assert waiting(first) == [("verify", "surgery", 5)]


def test_auto_masklets_are_ordered_by_suspicion_among_themselves_and_stay_behind_people_s(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    project.suspicious_first = True
    project.save()
    calm, doubtful = auto(project, manager, 0.25), auto(project, manager, 0.86)
    worst = auto(project, manager, 1)
    theirs = Masklet.objects.get(pk=handed_in(annotator, project, jumps=False).masklet)
    assert [waiting(one) for one in (calm, doubtful, worst, theirs)] == [
        [("verify", "", priority)] for priority in (-18, -12, -11, 0)
    ]
    served = [claims.claim_next(user=reviewer, project=project)[0].masklet for _ in range(4)]
    assert served == [theirs, worst, doubtful, calm]


def test_what_an_auto_masklet_had_by_itself_is_not_taken_over_when_suspicion_stops_to_order(
    project: Project, reviewer: User, manager: User
) -> None:
    project.suspicious_first = True
    project.save()
    one = auto(project, manager, 0.86)
    project.suspicious_first = False
    project.save()
    judge(one, reviewer, "satisfactory")
    assert waiting(one) == [("audit", "", 0)]


def task_of(project: Project, kind: str, priority: int = 0, suspicion: float | None = None) -> Task:
    return Task(kind=kind, project=project, masklet=Masklet(), priority=priority, suspicion=suspicion)


def test_suspicion_raises_what_people_said_and_never_lowers_it(project: Project) -> None:
    project.suspicious_first = True
    tracked = [task_of(project, "track", priority) for priority in (50, 5, 0, -50)]
    new = task_of(project, "verify", suspicion=0.8)
    assert [priorities.following(new, [task])["priority"] for task in tracked] == [50, 7, 7, 7]
    project.suspicious_first = False
    assert [priorities.following(new, [task])["priority"] for task in tracked] == [50, 5, 0, -50]


def test_what_suspicion_raised_is_not_taken_over_and_hides_nothing(project: Project) -> None:
    project.suspicious_first = True
    judged = task_of(project, "verify", 7, suspicion=0.8)
    refined = task_of(project, "refine", priorities.URGENT)
    new = task_of(project, "verify", suspicion=0.1)
    for said, expected in ((0, 1), (5, 5), (50, 50)):
        before = [refined, judged, task_of(project, "track", said)]
        assert priorities.following(new, before)["priority"] == expected
