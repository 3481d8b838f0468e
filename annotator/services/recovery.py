"""Finding again, from the rows, what a lost process or a lost queue left lying. Runs every few seconds."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

import redis
from django.utils import timezone

from annotator import inference, signs
from annotator.models import Change, Propagation, Session
from annotator.services import (
    auto_runs,
    claims,
    exports,
    facts,
    prompts,
    propagations,
    scores,
    sessions,
    uploads,
    verifier_models,
    videos,
)
from inference_worker.protocol import messages

log = logging.getLogger(__name__)

CLICK_S = 3.0  # an unanswered click is sent again after this, if no living worker holds its session
CLICK_HELD_S = 10.0  # and after this, if one does: it may be busy, or have lost the message
PASS_S = 5.0  # a pass without progress is looked at after this
MAX_ATTEMPTS = 20  # a pass that ends its workers again and again is given up
_GIVEN_UP = "The inference worker was lost again and again during this pass. Propagate a shorter stretch."


def sweep() -> None:
    """Send again every click and pass that no worker has in hand, and every lapsed ingest, export and training."""
    steps = (
        sessions.show_engines,
        claims.return_lapsed,
        _unanswered,
        videos.send_lapsed,
        videos.call_off_deleted,
        exports.send_lapsed,
        auto_runs.advance,
        scores.send_lapsed,
        verifier_models.send_lapsed,
        uploads.forget_abandoned,
        facts.refresh_stale,
        partial(signs.give, signs.CLOCK, signs.SWEEP_TTL),
    )
    for step in steps:
        try:
            step()
        except redis.RedisError as error:
            log.warning("Redis is away, nothing can be sent: %s", error)
        except Exception:  # one row that cannot be helped must not keep the others from it
            log.exception("a part of the sweep failed")


def _unanswered() -> None:
    # With nobody there to answer, asking again would only pile up.
    answering = any(not worker.warming for worker in inference.workers())
    # What was not recorded yet is not lost: asked again, a busy recorder would have the more to record.
    if answering and not inference.answers_wait(messages.CLICK_PRIORITY):
        _clicks()
    if not inference.answers_wait(messages.PROPAGATE_PRIORITY):
        _passes(answering)


def _clicks() -> None:
    now = timezone.now()
    late = Change.objects.filter(pending=True, undone=False, sent_at__lt=now - timedelta(seconds=CLICK_S))
    for change in late.select_related("masklet__video").order_by("sent_at")[:200]:
        session = _session_of(change)
        waited = (now - (change.sent_at or now)).total_seconds()
        if waited > CLICK_HELD_S or not inference.leased(session):
            log.info("sending the click of change %s again", change.pk)
            prompts.ask(change, session)


def _session_of(change: Change) -> int:
    """The session whose worker is to answer: the video's newest."""
    rows = Session.objects.filter(video=change.masklet.video_id, purpose=Session.Purpose.ANNOTATE)
    return rows.order_by("-id").values_list("pk", flat=True)[0]


def _passes(answering: bool) -> None:
    state = Propagation.State
    late = Propagation.objects.select_related("session").filter(
        state__in=Propagation.ACTIVE, progress_at__lt=timezone.now() - timedelta(seconds=PASS_S)
    )
    rows = list(late.order_by("progress_at")[:200])
    in_hand = inference.in_hand([row.pk for row in rows])
    bulk_waits = inference.bulk_waits()
    for row in rows:
        if row.pk in in_hand or (bulk_waits and row.session.purpose == Session.Purpose.AUTO):
            continue
        if row.state == state.STOPPING:
            propagations.end(row, state.STOPPED)
        elif not answering:
            continue
        elif row.attempt >= MAX_ATTEMPTS:
            propagations.end(row, state.FAILED, _GIVEN_UP)
        else:
            log.info("sending propagation %s again, attempt %s", row.pk, row.attempt + 1)
            propagations.send_again(row)
