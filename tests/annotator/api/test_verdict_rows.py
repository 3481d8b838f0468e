"""Numbers about people: whom a verdict counts for, the rows behind it, and who may read them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from annotator.models import Project, Task, User
from annotator.services import claims, facts, masklets
from tests.annotator.api.http import Http
from tests.annotator.api.test_people import judge, judged
from tests.annotator.golds import make_gold, two_in_a_row, work
from tests.factories import make_member

pytestmark = pytest.mark.django_db
ROWS = "projects/street/numbers"


def get(viewer: User, path: str) -> Any:
    facts.refresh_stale()
    answer = Http(viewer)("GET", path)
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[attr-defined]


def status(viewer: User, path: str) -> int:
    return Http(viewer)("GET", f"{ROWS}/{path}").status_code


def refine(masklet: int, user: User) -> None:
    task = claims.claim(user=user, task=Task.objects.get(masklet=masklet, kind="refine", state="waiting"))
    session = task.sessions.select_related("task", "masklet", "video__project", "user").get(state="open")
    assert session.masklet is not None
    masklets.submit(session=session, user=user, wanted={masklet: session.masklet.version})


@pytest.fixture
def ben(project: Project) -> User:
    return make_member(project, "annotator", "ben")


@pytest.fixture
def mended(project: Project, annotator: User, ben: User, reviewer: User) -> int:
    """The annotator's work was sent back, ben refined it, and then it was accepted."""
    masklet = judged(project, annotator, reviewer, "unsatisfactory").pk
    refine(masklet, ben)
    judge(masklet, reviewer, "verify", "satisfactory")
    return masklet


def test_what_is_sent_back_counts_for_who_handed_it_in_and_not_for_who_mends_it(
    mended: int, manager: User
) -> None:
    lines = {line["label"]: line for line in get(manager, f"{ROWS}/people")["rows"]}
    counted = {
        name: (line["masklets"], line["judged"], line["rework_percent"]) for name, line in lines.items()
    }
    assert counted == {"annotator": (0, 1, 100), "ben": (1, 1, 0), "reviewer": (0, 0, None)}
    assert lines["reviewer"]["verdicts"] == 2


def test_the_scorecard_the_table_and_the_rows_say_the_same_of_each_person(mended: int, manager: User) -> None:
    lines = {line["label"]: line for line in get(manager, f"{ROWS}/people")["rows"]}
    for name in ("annotator", "ben"):
        card = get(manager, f"projects/street/people/{name}/scorecard")["verdicts"]
        for verdict in ("satisfactory", "unsatisfactory", "rejected"):
            rows = get(manager, f"{ROWS}/verdicts?worker={name}&stage=verify&verdict={verdict}&days=30")
            assert rows["count"] == card[verdict]
        assert 100 * card["unsatisfactory"] == lines[name]["rework_percent"]


def test_people_read_what_was_said_of_their_own_work(
    mended: int, annotator: User, ben: User, manager: User
) -> None:
    for viewer in (annotator, manager):
        [row] = get(viewer, f"{ROWS}/verdicts?worker=annotator")["results"]
        told = {name: row[name] for name in ("masklet", "worker", "reviewer", "stage", "verdict", "comment")}
        assert told == {
            "masklet": mended, "worker": "annotator", "reviewer": "reviewer", "stage": "verify",
            "verdict": "unsatisfactory", "comment": "Seen.",
        }  # fmt: skip
    answer = Http(annotator)("GET", f"{ROWS}/verdicts?worker=annotator&format=csv")
    [line] = csv.DictReader(io.StringIO(b"".join(answer).decode()))  # type: ignore[arg-type]
    assert (line["verdict"], line["worker"]) == ("unsatisfactory", "annotator")


def test_a_reviewer_reads_which_of_their_verdicts_an_audit_overturned(
    project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    project.audit_share = 1
    project.save()
    fine, wrong, again = (judged(project, annotator, reviewer, "satisfactory").pk for _ in range(3))
    judged(project, annotator, reviewer, "rejected")
    judge(fine, manager, "audit", "satisfactory")
    judge(wrong, manager, "audit", "unsatisfactory")
    for verdict in ("satisfactory", "unsatisfactory"):  # asked for once more
        Task.objects.filter(masklet=again, kind="audit").update(state="waiting", holder=None, done_at=None)
        judge(again, manager, "audit", verdict)
    read = {
        name: {
            row["masklet"]
            for row in get(reviewer, f"{ROWS}/verdicts?reviewer=reviewer&{name}=true")["results"]
        }
        for name in ("audited", "overturned")
    }
    assert read == {"audited": {fine, wrong, again}, "overturned": {wrong, again}}
    card = get(reviewer, "projects/street/people/reviewer/scorecard")
    assert card["reviews"] == {"audited": 3, "overturned": 2}
    assert get(manager, f"{ROWS}/verdicts?reviewer=manager&stage=audit")["count"] == 4


def test_only_managers_read_the_rows_of_others(
    mended: int, annotator: User, ben: User, reviewer: User, manager: User
) -> None:
    own = {annotator: "worker=annotator", ben: "worker=ben", reviewer: "reviewer=reviewer"}
    for viewer, which in own.items():
        for asked in ("", *own.values()):
            assert status(viewer, f"verdicts?{asked}") == (200 if asked == which else 403)
        for name in ("annotator", "ben"):
            assert status(viewer, f"masklets?person={name}") == (200 if viewer.username == name else 403)
        assert [status(viewer, path) for path in ("masklets", "videos", "people")] == [403] * 3
    for asked in ("", *own.values()):
        assert status(manager, f"verdicts?{asked}") == 200
    assert status(make_member(make_other(), "manager", "elsewhere"), "verdicts?worker=annotator") == 404


def make_other() -> Project:
    return Project.objects.create(slug="other", name="Other")


def test_the_rows_of_ones_own_work_do_not_tell_blind_gold_from_other_work(
    project: Project, annotator: User, manager: User
) -> None:
    author = make_member(project, "annotator", "author")
    make_gold(project, author)
    handed_in = [work(task, annotator, 5) for task in two_in_a_row(project, annotator, author)]
    assert [row.gold_of_id is None for row in handed_in] == [True, False]
    asked = f"{ROWS}/masklets?person=annotator&days=30"
    card = get(annotator, "projects/street/people/annotator/scorecard")
    mine = get(annotator, asked)
    assert mine["count"] == card["work"]["masklets"] == 2
    blind, plain = mine["results"]
    assert {name for name in plain if plain[name] != blind[name]} <= {
        "id", "name", "video", "video_name", "submitted_at"
    }  # fmt: skip
    assert get(manager, asked)["count"] == 1
    assert status(annotator, "masklets?person=annotator&state=set_aside") == 400
    assert get(annotator, f"{asked}&state=accepted&copies=true")["count"] == 0
