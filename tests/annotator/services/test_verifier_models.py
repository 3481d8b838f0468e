"""The verifier model: learns from people, says how far it may be trusted, and accepts only where it is let."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotator import queue, verifier
from annotator import tasks as cpu_tasks
from annotator.errors import Conflict, NotPossible
from annotator.models import Masklet, Project, Task, User, Verification, VerifierModel, VerifierVote
from annotator.selectors import verifier_models as selector
from annotator.services import claims, masklets, triage, verifications, verifier_decisions, verifier_models
from annotator.triage import FEATURES
from tests.annotator.api.http import Http
from tests.annotator.desk import Desk, square
from tests.factories import make_member, make_video

FRAMES = list(range(4, 17, 4))
LEAST = 7


@pytest.fixture(autouse=True)
def soon_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer verdicts than in life are enough here: each costs a whole round of work."""
    monkeypatch.setattr(verifier_models, "LEAST", LEAST)


@pytest.fixture
def project(project: Project) -> Project:
    return let(project, verifier_threshold=0.6, verifier_audit_share=1)


def let(project: Project, **settings: Any) -> Project:
    for name, value in settings.items():
        setattr(project, name, value)
    project.save()
    return project


def handed_in(annotator: User, project: Project, *, jumps: bool) -> Desk:
    """A masklet of five frames that a pass made; jumps: it was lost on one of them."""
    desk = Desk(annotator, make_video(project, annotator, frames=17))
    desk.draw(0, square(5))
    row = desk.propagate(0)
    desk.fill(row, [4, 8], 5)
    desk.fill(row, [12], 45 if jumps else 5)
    desk.fill(row, [16], 5, state="finished")
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    return desk


def judged(desk: Desk, reviewer: User, verdict: str) -> None:
    session = claims.open_verifying(user=reviewer, masklet=Masklet.objects.get(pk=desk.masklet))
    verifications.give(
        session=session, user=reviewer, verdict=verdict, base_version=desk.version, comment="Look again."
    )


def judged_project(project: Project, annotator: User, reviewer: User) -> None:
    """People accept what does not jump, and object to what does."""
    for _ in range(LEAST):
        judged(handed_in(annotator, project, jumps=False), reviewer, "satisfactory")
        judged(handed_in(annotator, project, jumps=True), reviewer, "unsatisfactory")


def trained(project: Project, user: User) -> VerifierModel:
    return verifier_models.train(verifier_models.request(project=project, user=user, wake=False).pk)


def a_model(project: Project, user: User) -> VerifierModel:
    """One that looks at the worst mask alone: it doubts what jumps."""
    weights = {
        "names": list(FEATURES),
        "means": [0] * len(FEATURES),
        "scales": [1] * len(FEATURES),
        "coefficients": [-8.0 * (name == "suspicion_max") for name in FEATURES],
        "intercept": 4,
    }
    return VerifierModel.objects.create(project=project, trained_by=user, weights=weights, report={})


def masklet_of(desk: Desk) -> Masklet:
    return Masklet.objects.select_related("video__project").get(pk=desk.masklet)


def test_what_is_handed_in_is_as_suspicious_as_its_worst_mask(annotator: User, project: Project) -> None:
    calm, jumping = (handed_in(annotator, project, jumps=jumps) for jumps in (False, True))
    assert masklet_of(calm).suspicion == 0
    assert (masklet_of(jumping).suspicion or 0) > 0.9


def test_the_suspicious_is_verified_first_only_where_the_project_wants_it(
    annotator: User, project: Project
) -> None:
    def priorities() -> list[int]:
        made = [handed_in(annotator, project, jumps=jumps) for jumps in (False, True)]
        return [Task.objects.get(masklet=desk.masklet, kind="verify").priority for desk in made]

    assert priorities() == [0, 0]
    let(project, suspicious_first=True)
    assert priorities() == [0, 8]  # 0.92 of 9


def test_a_model_learns_what_people_object_to_and_reports_on_what_it_has_not_seen(
    annotator: User, reviewer: User, project: Project
) -> None:
    let(project, verifier_threshold=None)
    judged_project(project, annotator, reviewer)
    model = trained(project, annotator)
    report = model.report
    assert (report["verdicts"], report["satisfactory"]) == (14, 7)
    assert report["brier"] < 0.1 < report["brier_of_the_share"]
    assert sum(row["count"] for row in report["calibration"]) == 14
    row = report["confusion"][0]
    assert (row["threshold"], row["both"], row["neither"], row["model_only"]) == (0.5, 7, 7, 0)
    calm, jumping = (handed_in(annotator, project, jumps=jumps) for jumps in (False, True))
    said = [VerifierVote.objects.get(masklet=desk.masklet).probability for desk in (calm, jumping)]
    assert said[0] > 0.8
    assert said[1] < 0.2


def test_each_number_of_a_report_leads_to_as_many_verdicts(
    annotator: User, reviewer: User, project: Project
) -> None:
    let(project, verifier_threshold=None)
    judged_project(project, annotator, reviewer)
    wrong = handed_in(annotator, project, jumps=True)
    judged(wrong, reviewer, "satisfactory")
    rejected = handed_in(annotator, project, jumps=False)
    judged(rejected, reviewer, "rejected")
    model = trained(project, annotator)
    http = Http(make_member(project, "manager"))

    def behind(**asked: Any) -> list[dict[str, Any]]:
        return http("GET", f"projects/street/numbers/cases?{urlencode(asked)}").json()["results"]

    for row in model.report["confusion"]:
        cells = ("both", "model_only", "people_only", "neither")
        found = {cell: behind(threshold=row["threshold"], found=cell) for cell in cells}
        assert {cell: len(rows) for cell, rows in found.items()} == {cell: row[cell] for cell in cells}
        accepted = behind(threshold=row["threshold"], found="accepted")
        assert len(accepted) == row["both"] + row["model_only"]
        assert all(one["probability"] >= row["threshold"] for one in accepted)
    for place in range(10):
        of_bin = [row for row in model.report["calibration"] if row["from"] == place / 10]
        assert len(behind(tenth=place)) == sum(row["count"] for row in of_bin)
    [only_model] = behind(threshold=0.5, found="model_only")
    assert (only_model["masklet"], only_model["verdict"]) == (rejected.masklet, "rejected")
    [only_people] = behind(threshold=0.5, found="people_only", verifier=model.pk)
    assert (only_people["masklet"], only_people["person"]) == (wrong.masklet, "reviewer")
    assert only_people["probability"] == model.report["held_out"][str(only_people["id"])] < 0.5
    assert len(behind()) == model.report["verdicts"] == 16
    assert behind(verifier=model.pk + 1) == []
    answer = http("GET", "projects/street/numbers/cases?format=csv")
    table = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
    assert [int(line["id"]) for line in table] == [one["id"] for one in behind()]
    assert {line["probability"] for line in table} == set(map(str, model.report["held_out"].values()))
    assert http("GET", "projects/street/numbers/cases?threshold=0.5").status_code == 400


def test_the_list_of_models_leaves_the_verdicts_behind_them_out_and_old_ones_have_none(
    annotator: User, project: Project
) -> None:
    for report in ({"verdicts": 1}, {"verdicts": 1, "held_out": {"7": 0.5}}):
        VerifierModel.objects.create(project=project, trained_by=annotator, report=report)
    http = Http(make_member(project, "manager"))
    new, old = http("GET", "projects/street/verifier-models").json()["results"]
    assert (new["report"], new["has_cases"]) == ({"verdicts": 1}, True)
    assert (old["report"], old["has_cases"]) == ({"verdicts": 1}, False)
    assert http("GET", f"projects/street/numbers/cases?verifier={old['id']}").json()["count"] == 0


def test_too_few_verdicts_of_either_kind_are_refused_in_a_sentence(
    annotator: User, reviewer: User, project: Project
) -> None:
    judged(handed_in(annotator, project, jumps=False), reviewer, "satisfactory")
    with pytest.raises(NotPossible, match="1 masklets satisfactory and 0 not") as refused:
        verifier_models.request(project=project, user=annotator)
    assert refused.value.code == "too_few_verdicts"
    with pytest.raises(CommandError, match="no project elsewhere"):
        call_command("train_verifier", project="elsewhere")


def test_a_masklet_is_learned_as_it_stood_when_it_was_judged(
    annotator: User, reviewer: User, project: Project
) -> None:
    desk = handed_in(annotator, project, jumps=True)
    judged(desk, reviewer, "unsatisfactory")
    worst = FEATURES.index("suspicion_max")
    [before] = selector.samples(project, 10)
    assert before.features[worst] > 0.9
    desk.fill(desk.propagate(0, whole=True), FRAMES, 5, state="finished")
    masklets.submit(session=desk.session, user=annotator, wanted={desk.masklet: desk.version})
    judged(desk, reviewer, "satisfactory")
    first, second = selector.samples(project, 10)
    assert first == before
    assert (second.satisfactory, second.features[worst]) == (True, 0)


def test_a_model_learns_from_audits_of_what_a_model_accepted_and_from_no_model(
    annotator: User, reviewer: User, project: Project
) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=False)
    assert verifier_decisions.decide(desk.masklet)
    assert list(selector.samples(project, 100)) == []
    judged(desk, reviewer, "unsatisfactory")
    assert [sample.satisfactory for sample in selector.samples(project, 100)] == [False]
    assert selector.judged(project) == (0, 1)


def test_a_model_learns_nothing_from_audits_of_what_a_person_accepted(
    annotator: User, reviewer: User, project: Project
) -> None:
    let(project, audit_share=1)
    desk = handed_in(annotator, project, jumps=False)
    judged(desk, reviewer, "satisfactory")
    judged(desk, make_member(project, "reviewer", "auditor"), "unsatisfactory")
    assert [sample.satisfactory for sample in selector.samples(project, 100)] == [True]


def test_the_model_accepts_by_itself_and_people_audit_the_share_that_is_drawn(
    annotator: User, reviewer: User, project: Project
) -> None:
    model = a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=False)
    assert verifier_decisions.decide(desk.masklet)
    masklet = masklet_of(desk)
    assert masklet.state == "accepted"
    given = Verification.objects.get(masklet=masklet)
    assert (given.reviewer, given.verifier_model, given.verdict) == (None, model, "satisfactory")
    states = dict(Task.objects.filter(masklet=masklet).values_list("kind", "state"))
    assert states == {"verify": "done", "audit": "waiting"}
    assert not verifier_decisions.decide(desk.masklet)


def test_the_model_never_sends_back_and_never_rejects(
    annotator: User, reviewer: User, project: Project
) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=True)
    assert not verifier_decisions.decide(desk.masklet)
    assert masklet_of(desk).state == "submitted"


@pytest.mark.parametrize(
    "without", [{"verifier_threshold": None}, {"verifier_audit_share": 0}, {"verifier_threshold": 1}]
)
def test_without_a_threshold_or_an_audit_share_people_decide(
    annotator: User, project: Project, without: dict[str, Any]
) -> None:
    a_model(project, annotator)
    let(project, **without)
    desk = handed_in(annotator, project, jumps=False)
    assert not verifier_decisions.decide(desk.masklet)
    assert masklet_of(desk).state == "submitted"
    assert VerifierVote.objects.filter(masklet=desk.masklet).exists()


def test_a_person_who_took_the_task_up_decides(annotator: User, reviewer: User, project: Project) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=False)
    claims.open_verifying(user=reviewer, masklet=masklet_of(desk))
    assert not verifier_decisions.decide(desk.masklet)
    judged(desk, reviewer, "unsatisfactory")
    assert masklet_of(desk).state == "refine"


def test_what_a_person_judged_since_it_was_handed_in_is_left_to_people(
    annotator: User, reviewer: User, manager: User, project: Project
) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=False)
    judged(desk, reviewer, "rejected")
    masklets.reopen(masklet=masklet_of(desk), user=manager)
    assert VerifierVote.objects.filter(masklet=desk.masklet, version=desk.version).exists()
    assert not verifier_decisions.decide(desk.masklet)
    assert masklet_of(desk).state == "submitted"


def test_a_vote_on_an_older_version_decides_nothing(
    annotator: User, reviewer: User, project: Project
) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=False)
    Masklet.objects.filter(pk=desk.masklet).update(version=desk.version + 1)
    assert not verifier_decisions.decide(desk.masklet)


def test_a_new_model_is_asked_about_what_waits(annotator: User, reviewer: User, project: Project) -> None:
    let(project, verifier_threshold=None)
    judged_project(project, annotator, reviewer)
    desk = handed_in(annotator, project, jumps=False)
    model = trained(project, annotator)
    assert VerifierVote.objects.filter(masklet=desk.masklet, model=model).exists()
    assert masklet_of(desk).state == "submitted"


def test_a_reviewer_reads_what_the_model_said_only_after_their_own_verdict(
    annotator: User, reviewer: User, project: Project
) -> None:
    a_model(project, annotator)
    desk = handed_in(annotator, project, jumps=True)
    assert not selector.votes(masklet_of(desk), reviewer, "reviewer").exists()
    assert selector.votes(masklet_of(desk), annotator, "manager").exists()
    judged(desk, reviewer, "unsatisfactory")
    assert selector.votes(masklet_of(desk), reviewer, "reviewer").exists()


def test_weights_of_other_features_are_not_asked(annotator: User, project: Project) -> None:
    VerifierModel.objects.create(
        project=project,
        trained_by=annotator,
        weights={"names": ["length"]},
        report={},
        created_at=timezone.now(),
    )
    with pytest.raises(ValueError, match="train the model again"):
        verifier.probability({"names": ["length"]}, [1.0])
    desk = handed_in(annotator, project, jumps=False)
    assert not VerifierVote.objects.filter(masklet=desk.masklet).exists()
    assert Task.objects.filter(masklet=desk.masklet, kind="verify", state="waiting").exists()


def test_the_model_is_woken_for_what_it_may_accept_and_for_nothing_else(
    annotator: User,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(queue.app, "send_task", lambda name, args, **_: sent.append((name, args)))
    a_model(project, annotator)
    with django_capture_on_commit_callbacks(execute=True):
        calm, _ = (handed_in(annotator, project, jumps=jumps) for jumps in (False, True))
    assert [args for name, args in sent if name == triage.DECIDE_TASK] == [[calm.masklet]]
    cpu_tasks.let_verifier_decide(calm.masklet)
    assert masklet_of(calm).state == "accepted"


def test_a_worker_trains_one_model_of_a_project_at_a_time(
    annotator: User, reviewer: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    let(project, verifier_threshold=None)
    judged_project(project, annotator, reviewer)
    woken: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "wake_on_commit", lambda task, pk: woken.append((task, pk)))
    asked = verifier_models.request(project=project, user=annotator)
    assert (asked.state, woken) == ("queued", [(verifier_models.TRAIN_TASK, asked.pk)])
    with pytest.raises(Conflict) as refused:
        verifier_models.request(project=project, user=annotator)
    assert refused.value.code == "training"
    assert selector.newest(project) is None, "a model in training is not asked"
    cpu_tasks.train_verifier(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, selector.newest(project)) == ("done", asked)
    report = asked.report
    cpu_tasks.train_verifier(asked.pk)  # delivered twice
    asked.refresh_from_db()
    assert asked.report == report


def test_training_that_fails_or_loses_its_worker_says_so_and_can_be_asked_for_again(
    annotator: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = VerifierModel.objects.create(project=project, trained_by=annotator, state="queued")
    assert "learns from at least" in verifier_models.train(few.pk).error
    lost = VerifierModel.objects.create(
        project=project, trained_by=annotator, state="training", progress_at="2020-01-01T00:00Z"
    )
    verifier_models.send_lapsed()
    lost.refresh_from_db()
    assert (lost.state, lost.error) == ("failed", "The worker that trained it was lost. Train again.")
    woken: list[int] = []
    monkeypatch.setattr(queue, "wake_on_commit", lambda task, pk: woken.append(pk))
    late = VerifierModel.objects.create(
        project=project, trained_by=annotator, state="queued", progress_at="2020-01-01T00:00Z"
    )
    verifier_models.send_lapsed()
    verifier_models.send_lapsed()
    assert woken == [late.pk]
