"""Two at once over the queue: nothing is asked for or handed on twice, and neither waits for the other for ever."""

# ruff: noqa: B023 - at_once() has run its acts to the end before a loop goes on

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from annotator.models import Consensus, Masklet, MaskletFacts, Membership, Project, Session, Task, User
from annotator.services import (
    attention,
    auto_runs,
    claims,
    masklets,
    selections,
    tasks,
    training,
    verifications,
)
from tests.annotator.autos import FRAMES, begun, candidate, proposed, tracked
from tests.annotator.desk import Desk, square
from tests.annotator.pairs import full
from tests.annotator.services.test_races import at_once, codes
from tests.annotator.services.test_tasks import draw, session_of
from tests.factories import make_member, make_video

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 10


def test_two_who_ask_for_the_same_at_once_are_given_one_task(project: Project, manager: User) -> None:
    for kind in ("select", "exhaust"):
        for _ in range(TRIES):
            video = make_video(project, manager)
            asked = [lambda: tasks.make(project=project, by=manager, kind=kind, video=video.pk).pk] * 3
            assert len(set(at_once(*asked))) == 1


def test_a_selection_that_is_finished_in_two_tabs_hands_its_objects_on_once(
    project: Project, manager: User, annotator: User
) -> None:
    Project.objects.update(consensus_share=1)
    for _ in range(TRIES):
        task = claims.claim(user=annotator, task=tasks.add(kind="select", video=make_video(project, manager)))
        tabs = session_of(task), session_of(task)
        chosen = masklets.create(session=tabs[0], user=annotator)["id"]
        draw(tabs[0], chosen, 0)
        found = at_once(*(lambda tab=tab: selections.finish(session=tab, user=annotator) for tab in tabs))
        assert codes(found) == {"done": 1, "illegal_transition": 1}
        assert Consensus.objects.filter(first=chosen).count() == 1


def test_a_hold_that_lapses_while_its_holder_hands_in_stands_in_nobody_s_way(
    project: Project, manager: User, annotator: User
) -> None:
    for _ in range(2 * TRIES):
        task = claims.claim(
            user=annotator, task=tasks.add(kind="exhaust", video=make_video(project, manager))
        )
        session = session_of(task)
        Session.objects.filter(pk=session.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        found = at_once(
            claims.return_lapsed,
            lambda: selections.answer_exhaustivity(session=session, user=annotator, left=False),
        )
        assert codes(found) == {"done": 2}
        assert Task.objects.get(pk=task.pk).state == "done"


def test_a_verdict_and_what_its_page_counts_meanwhile_do_not_wait_for_each_other(
    project: Project, annotator: User, reviewer: User
) -> None:
    for _ in range(2 * TRIES):
        desk = full(annotator, project)
        masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
        masklet = Masklet.objects.select_related("video__project").get(pk=desk.masklet)
        session = claims.open_verifying(user=reviewer, masklet=masklet)
        found = at_once(
            lambda: verifications.give(
                session=Session.objects.get(pk=session.pk), user=reviewer, verdict="satisfactory",
                base_version=masklet.version,
            ),
            lambda: attention.add(
                session_id=session.pk, user=reviewer, masklet_id=masklet.pk, active_ms=1, shown={}
            ),
        )  # fmt: skip
        assert codes(found) == {"done": 2}


def test_what_is_looked_at_while_it_is_counted_is_counted_again(project: Project, annotator: User) -> None:
    desk = full(annotator, project)
    masklets.submit(session=desk.session, user=desk.user, wanted={desk.masklet: desk.version})
    facts = MaskletFacts.objects.filter(masklet=desk.masklet)

    def look() -> None:
        attention.add(
            session_id=desk.session.pk, user=annotator, masklet_id=desk.masklet, active_ms=1, shown={}
        )
        connections.close_all()

    with transaction.atomic():  # as one batch of the sweep
        assert facts.select_for_update().get().stale
        facts.update(stale=False)
        looking = threading.Thread(target=look)
        looking.start()
        while looking.is_alive() and not waits_for_a_row():
            pass
    looking.join()
    assert facts.get().stale


def waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS(SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_who_is_sent_to_train_while_they_pull_holds_nothing_of_production(
    project: Project, manager: User
) -> None:
    for number in range(TRIES):
        puller = make_member(project, "annotator", f"puller{number}")
        member = Membership.objects.select_related("project").get(user=puller)
        tasks.add(kind="select", video=make_video(project, manager))
        at_once(
            lambda: claims.claim_next(user=puller, project=project),
            lambda: training.demote(membership=member, by=manager),
        )
        assert not Task.objects.filter(holder=puller).exists()


def test_an_auto_masklet_that_somebody_takes_up_as_its_run_ends_is_theirs_or_handed_in(
    project: Project, manager: User, annotator: User, worker: None, sweep: Any
) -> None:
    for _ in range(2 * TRIES):
        desk = Desk(annotator, make_video(project, annotator))
        run = begun(project, manager, sweep)
        proposed(run, candidate(30))
        tracked(run, FRAMES[1:])
        desk.masklet = Masklet.objects.get(video=desk.video, type="auto").pk
        [drawn, _] = at_once(lambda: desk.draw(8, square(20)), auto_runs.advance)
        state = Masklet.objects.get(pk=desk.masklet).state
        assert state == ("in_work" if isinstance(drawn, dict) else "submitted"), drawn
