"""The numbers of a little project in which much goes other ways than usual, beside what comes out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from annotator.models import AutoRun, Consensus, Masklet, Project, Session, Task, User, Video
from annotator.services import auto_runs, claims, copies, facts, masklets, tasks, verifications
from annotator.services import videos as videos_service
from tests.annotator.api.http import Http
from tests.annotator.autos import begun, candidate, finished, proposed
from tests.annotator.desk import Desk
from tests.annotator.pairs import deciding, full, make_pair
from tests.factories import make_member, make_video

pytestmark = pytest.mark.usefixtures("worker")
Sweep = Callable[[], list[Any]]


def judge(masklet: int, user: User, verdict: str) -> None:
    row = Masklet.objects.select_related("video__project").get(pk=masklet)
    session = claims.open_verifying(user=user, masklet=row)
    give(session, verdict)


def give(session: Session, verdict: str) -> None:
    assert session.masklet is not None
    version = Masklet.objects.get(pk=session.masklet.pk).version
    verifications.give(
        session=session, user=session.user, verdict=verdict, base_version=version, comment="it slips off"
    )


def audit(masklet: int, user: User, verdict: str) -> None:
    row = Masklet.objects.select_related("video__project").get(pk=masklet)
    task = claims.claim(user=user, task=tasks.add(kind="audit", video=row.video, masklet=row))
    give(Session.objects.select_related("video__project", "masklet", "task").get(task=task), verdict)


def hand_in(desk: Desk) -> None:
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})


def made(user: User, project: Project, seconds: int) -> Desk:
    """Work that was handed in after a pass of so many GPU seconds."""
    desk = full(user, project)
    Masklet.objects.get(pk=desk.masklet).propagations.update(engine_ms=1000 * seconds)
    hand_in(desk)
    return desk


def of_people(project: Project, annotator: User, reviewer: User, manager: User) -> None:
    """Accepted after refinement (8 s), accepted and rejected by an audit (16 s), sent back, deleted and
    restored (32 s), accepted in a video that was deleted (64 s), a pair of which one was given up (128 s)."""
    mended, gone_bad, restored, lost = [made(annotator, project, 2**n) for n in (3, 4, 5, 6)]
    judge(mended.masklet, reviewer, "unsatisfactory")
    hand_in(mended)
    judge(mended.masklet, reviewer, "satisfactory")
    judge(gone_bad.masklet, reviewer, "satisfactory")
    audit(gone_bad.masklet, manager, "rejected")
    judge(restored.masklet, reviewer, "unsatisfactory")
    masklets.delete(session=restored.session, masklet_id=restored.masklet, base_version=restored.version)
    masklets.restore(session=restored.session, masklet_id=restored.masklet)
    judge(lost.masklet, reviewer, "satisfactory")
    videos_service.delete(video=lost.video)
    left = full(annotator, project)
    Masklet.objects.get(pk=left.masklet).propagations.update(engine_ms=128_000)
    first = Masklet.objects.select_related("video__project").get(pk=left.masklet)
    twin = copies.copy_of_selection(first)
    Consensus.objects.create(first=first, second=twin)
    masklets.delete(session=left.session, masklet_id=twin.pk, base_version=twin.version)
    hand_in(left)
    judge(left.masklet, reviewer, "satisfactory")


def of_models(project: Project, reviewer: User, manager: User, sweep: Sweep) -> None:
    """Of three auto masklets (0.2 s each for proposing, 0.001 s for tracking) one is accepted, one fails, one
    is rejected; another run is stopped while it tracks."""
    Project.objects.update(auto_refine_share=0)
    good, wrong, nothing = finished(project, manager, sweep, 30, 5, 45)
    judge(good.pk, reviewer, "satisfactory")
    judge(wrong.pk, reviewer, "unsatisfactory")
    judge(nothing.pk, reviewer, "rejected")
    make_video(project, manager)
    stopped = begun(project, manager, sweep)
    proposed(stopped, candidate(5))
    auto_runs.stop(run=AutoRun.objects.get(pk=stopped.pk))


@pytest.mark.usefixtures("within_a_day")
def test_whatever_became_of_masklets_the_numbers_are_as_counted_by_hand(
    project: Project, annotator: User, reviewer: User, manager: User, video: Video, sweep: Sweep
) -> None:
    of_models(project, reviewer, manager, sweep)
    of_people(project, annotator, reviewer, manager)
    pair = make_pair(project, annotator, make_member(project, "annotator", "second"))  # 0.001 s of the first
    assert deciding(pair, reviewer).state == "claimed"
    Desk(annotator, video)  # begun, and nothing done in it
    facts.refresh_stale()

    def get(what: str) -> Any:
        return Http(manager)("GET", f"projects/{project.slug}/numbers/{what}").json()  # type: ignore[attr-defined]

    funnel = get("funnel")
    assert {line["label"]: line["value"] for line in funnel["rows"]} == {
        "ingested": 7, "selected": 6, "tracked": 9, "verified": 7, "refined": 2,
        "in_work": 1, "submitted": 2, "refine": 1, "accepted": 3, "rejected": 2, "set_aside": 1,
    }  # fmt: skip
    assert {line["label"]: line["value"] for line in funnel["set_aside"] if line["value"]} == {
        "auto_failure": 1
    }
    spent = 3 * (0.2 + 0.001) + 8 + 16 + 32 + 128 + 0.001
    assert funnel["gpu_seconds"] == pytest.approx(spent)
    assert funnel["gpu_seconds_per_accepted"] == pytest.approx(spent / 3)
    forecast = get("progress")["forecast"]
    assert (forecast["remaining"], forecast["per_day"]) == (4, 6)
    assert forecast["since"] == timezone.now().date().isoformat()
    all_, manual, auto = get("dataset")["rows"]
    assert [line["videos"] for line in (all_, manual, auto)] == [3, 2, 1]
    assert [line["masklets"] for line in (all_, manual, auto)] == [3, 2, 1]
    assert [line["masks"] for line in (all_, manual, auto)] == [33, 22, 11]
    waiting = {line["label"]: line["waiting"] for line in get("queues")["rows"] if line["waiting"]}
    assert waiting == {"refine": 1}


def test_a_video_is_selected_where_a_person_chose_something_and_not_by_work_on_gold(
    project: Project, annotator: User, reviewer: User, manager: User, video: Video, sweep: Sweep
) -> None:
    [made_by_model] = finished(project, manager, sweep, 30)
    judge(made_by_model.pk, reviewer, "satisfactory")
    Masklet.objects.filter(pk=made_by_model.pk).update(is_gold=True)
    copies.copy_of_selection(made_by_model, gold_of=made_by_model)
    facts.refresh_stale()
    rows = Http(manager)("GET", f"projects/{project.slug}/numbers/funnel").json()["rows"]  # type: ignore[attr-defined]
    assert {line["label"]: line["value"] for line in rows}["selected"] == 0
    behind = Http(manager)("GET", f"projects/{project.slug}/numbers/videos?manual=true")
    assert behind.json()["count"] == 0  # type: ignore[attr-defined]


def test_what_a_model_proposed_is_never_too_easy_however_often_people_refine_it(
    project: Project, annotator: User, reviewer: User, manager: User, video: Video, sweep: Sweep
) -> None:
    Project.objects.update(auto_refine_share=1, min_edited_frames=2)
    [wrong] = finished(project, manager, sweep, 30)
    by_annotator, by_reviewer = Http(annotator), Http(reviewer)
    for _ in range(3):
        session = take(by_reviewer, project, "verify")
        verdict = {"verdict": "unsatisfactory", "base_version": version(wrong), "comment": "it slips off"}
        assert by_reviewer("POST", f"sessions/{session}/verdict", verdict).status_code == 200
        session = take(by_annotator, project, "refine")
        asked = {"masklets": [{"id": wrong.pk, "base_version": version(wrong)}]}
        assert by_annotator("POST", f"sessions/{session}/submit", asked).status_code == 200
        wrong.refresh_from_db()
        assert (wrong.type, wrong.state) == ("manual", "submitted")
    chosen = full(annotator, project)
    asked = {"masklets": [{"id": chosen.masklet, "base_version": chosen.version}]}
    assert by_annotator("POST", f"sessions/{chosen.session.pk}/submit", asked).status_code == 200
    assert Masklet.objects.get(pk=chosen.masklet).set_aside == "too_easy"


def take(person: Http, project: Project, kind: str) -> int:
    """The session of the person's next task, which is of this kind."""
    answer = person("POST", f"projects/{project.slug}/tasks/next", {})
    assert answer.status_code in (200, 201), answer.content
    task = Task.objects.get(state="claimed", kind=kind)
    return Session.objects.get(task=task, state="open").pk


def version(masklet: Masklet) -> int:
    return Masklet.objects.get(pk=masklet.pk).version
