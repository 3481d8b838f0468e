"""The rule of docs/api.md: a snapshot, and the events since, equal a fresh snapshot. Whatever people do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from annotator import events
from annotator.api.sessions import snapshot
from annotator.errors import AnnotatorError
from annotator.models import Change, Masklet, Propagation, Session, User
from annotator.redis import client
from annotator.services import (
    changes,
    claims,
    masklets,
    prompts,
    propagations,
    results,
    sessions,
    verifications,
)
from annotator.spans import Bounds
from inference_worker.protocol import messages, rle
from tests.annotator.desk import HEIGHT, MODEL, WIDTH, square
from tests.factories import make_video

pytestmark = pytest.mark.django_db(transaction=True)

ACTIVE = {"queued", "running", "stopping"}
FRAMES = list(range(0, 41, 4))
Shapes = dict[str, Any]


class Page:
    """What a page knows: a snapshot, kept current by nothing but events."""

    def __init__(self, start: Shapes) -> None:
        self.masklets = {row["id"]: row for row in start["masklets"]}
        self.masks = {(row["masklet"], row["frame_index"]): row for row in start["masks"]}
        self.prompts = {row["id"]: row for row in start["prompts"]}
        self.propagations = {row["id"]: row for row in start["propagations"]}

    def apply(self, kind: str, data: Shapes) -> None:
        getattr(self, f"on_{kind}")(data)

    def on_change(self, data: Shapes) -> None:
        masklet, change = data["masklet"], data["change"]
        self.masklets[masklet["id"]] = masklet
        for row in data["masks"]:
            self._mask(row, forced=change["undone"])
        for frame in data["cleared"]:
            self.masks.pop((masklet["id"], frame), None)
        for pk in data["removed_prompts"]:
            self.prompts.pop(pk, None)
        self.prompts |= {row["id"]: row for row in data["prompts"]}

    def on_masks(self, data: Shapes) -> None:
        self.on_propagation(data["propagation"])
        for row in data["masks"]:
            self._mask(row, forced=False)

    def on_propagation(self, data: Shapes) -> None:
        self.propagations[data["id"]] = data
        if data["state"] not in ACTIVE:
            self.propagations = {
                pk: row for pk, row in self.propagations.items() if row["state"] in ACTIVE or pk == data["id"]
            }

    def on_masklet(self, data: Shapes) -> None:
        self.masklets[data["id"]] = data

    def on_session(self, data: Shapes) -> None:
        """Not of what is compared here."""

    def on_click_failed(self, data: Shapes) -> None:
        """Only told to the person."""

    def _mask(self, row: Shapes, *, forced: bool) -> None:
        key = row["masklet"], row["frame_index"]
        if forced or key not in self.masks or row["change"] >= self.masks[key]["change"]:
            self.masks[key] = row

    def seen(self) -> Shapes:
        return {
            "masklets": self.masklets,
            "masks": self.masks,
            "prompts": self.prompts,
            "propagations": {pk: lasting(row) for pk, row in self.propagations.items()},
        }


def lasting(propagation: Shapes) -> Shapes:
    """Without what runs on with the clock."""
    return {name: value for name, value in propagation.items() if name != "seconds_left"}


class Office:
    """A person, a worker and a reviewer who do whatever comes to mind at one video."""

    def __init__(self, annotator: User, reviewer: User, video: Any, seed: int) -> None:
        self.annotator, self.reviewer, self.video = annotator, reviewer, video
        self.session = sessions.open_for_annotating(user=annotator, video=video)
        self.any = random.Random(seed)
        client().delete(events.stream_key(self.session.pk))
        self.acts: list[tuple[Callable[[], object], int]] = [
            (self.make, 2), (self.click, 8), (self.draw, 6), (self.answer, 8), (self.take_back, 4),
            (self.mark, 5), (self.undo, 8), (self.redo, 6), (self.start, 5), (self.chunk, 12), (self.stop, 1),
            (self.rename, 1), (self.delete, 1), (self.restore, 3), (self.submit, 2), (self.judge, 3),
        ]  # fmt: skip
        for _ in range(2):
            self.make()

    def act(self) -> str:
        names, weights = zip(*self.acts, strict=True)
        chosen = self.any.choices(names, weights)[0]
        try:
            chosen()
        except AnnotatorError as refused:
            return f"{chosen.__name__} ({refused.code})"
        return chosen.__name__

    def masklet(self) -> Masklet:
        return self.any.choice(list(Masklet.objects.order_by("pk")))

    def write(self, masklet: Masklet) -> Shapes:
        return {"session": self.session, "masklet_id": masklet.pk, "base_version": masklet.version}

    def own(self, masklet: Masklet) -> Shapes:
        return {**self.write(masklet), "user": self.annotator}

    def make(self) -> None:
        if Masklet.objects.count() < 4:
            masklets.create(session=self.session, user=self.annotator)

    def prompt(self, *new: messages.Prompt) -> None:
        prompts.add(**self.own(self.masklet()), frame_index=self.any.choice(FRAMES), new=new)

    def click(self) -> None:
        box = messages.Box(x0=1, y0=1, x1=self.any.randint(3, 40), y1=30)
        point = messages.Point(x=self.any.random() * WIDTH, y=4, positive=self.any.random() < 0.7)
        self.prompt(*self.any.choice([[point], [box], [box, point]]))

    def draw(self) -> None:
        self.prompt(self.any.choice([messages.MaskPrompt(counts=self.counts()), messages.Absent()]))

    def counts(self) -> str:
        return self.any.choice([square(self.any.randrange(50)), square(3), rle.empty(HEIGHT, WIDTH)])

    def answer(self) -> None:
        pending = list(Change.objects.filter(pending=True).order_by("pk"))
        if not pending:
            return
        change = self.any.choice(pending[:2])
        mask = messages.FrameResult(
            masklet=change.masklet_id, change=change.pk, frame_index=change.frame_index or 0,
            counts=self.counts(), score=0.5,
        )  # fmt: skip
        failed = self.any.random() < 0.2
        results.record_segment(
            messages.SegmentResult(
                session=self.session.pk, change=change.pk, model=MODEL, engine_ms=1,
                mask=None if failed else mask, error="It did not work." if failed else "",
            )
        )  # fmt: skip

    def take_back(self) -> None:
        masklet = self.masklet()
        known = snapshot(self.session)["prompts"]
        if known:
            prompt = self.any.choice(known)
            masklet = Masklet.objects.get(pk=prompt["masklet"])
            prompts.remove(**self.own(masklet), prompt_id=prompt["id"])

    def mark(self) -> None:
        kind = self.any.choice([Change.Kind.ACCEPT, Change.Kind.ABSENT, Change.Kind.CLEAR])
        first = self.any.choice(FRAMES)
        frames = range(first, first + self.any.choice([1, 9, 41]))
        changes.mark_frames(**self.own(self.masklet()), kind=kind, frames=frames)

    def undo(self) -> None:
        changes.undo(**self.own(self.masklet()))

    def redo(self) -> None:
        changes.redo(**self.own(self.masklet()))

    def start(self) -> None:
        chosen = {row.pk: row.version for row in (self.masklet(), self.masklet())}
        bounds = self.any.choice([Bounds(), Bounds(whole=True), Bounds(first=8, last=28)])
        propagations.start(
            session=self.session, user=self.annotator, wanted=chosen, start_frame=self.any.choice(FRAMES),
            direction=self.any.choice(["forward", "backward", "both"]), bounds=bounds,
        )  # fmt: skip

    def chunk(self) -> None:
        active = list(Propagation.objects.filter(state__in=Propagation.ACTIVE).order_by("pk"))
        if not active:
            return
        row = self.any.choice(active)
        steps = {change.masklet_id: change.pk for change in row.changes.all()}
        missing = [
            (int(masklet), frame)
            for run in row.runs
            for masklet, frames in run["targets"].items()
            for frame in frames
        ]
        self.any.shuffle(missing)
        state = self.any.choices(["running", "finished", "stopped", "failed"], [6, 3, 1, 1])[0]
        some = missing if state == "finished" else missing[: self.any.randint(0, 6)]
        results.record_chunk(
            messages.ChunkResult(
                session=self.session.pk, propagation=row.pk, attempt=row.attempt, model=MODEL, engine_ms=1,
                state=state, error="It did not work." if state == "failed" else "",
                masks=[
                    messages.FrameResult(
                        masklet=masklet, change=steps[masklet], frame_index=frame, counts=self.counts(), score=0.5
                    )
                    for masklet, frame in some
                ],
            )
        )  # fmt: skip

    def stop(self) -> None:
        rows = list(Propagation.objects.order_by("pk"))
        if rows:
            propagations.stop(session=self.session, propagation_id=self.any.choice(rows).pk)

    def rename(self) -> None:
        masklets.edit(**self.write(self.masklet()), name=f"Thing {self.any.random()}", color=5)

    def delete(self) -> None:
        masklets.delete(**self.write(self.masklet()))

    def restore(self) -> None:
        masklets.restore(session=self.session, masklet_id=self.masklet().pk)

    def submit(self) -> None:
        masklet = self.masklet()
        if self.any.random() < 0.5:  # else nothing would ever be complete
            changes.mark_frames(**self.own(masklet), kind=Change.Kind.ABSENT, frames=range(20, 41))
            masklet.refresh_from_db()
        masklets.submit(session=self.session, user=self.annotator, wanted={masklet.pk: masklet.version})

    def judge(self) -> None:
        masklet = Masklet.objects.filter(state=Masklet.State.SUBMITTED).first()
        if masklet is None:
            return
        held: Session = claims.open_verifying(user=self.reviewer, masklet=masklet)
        verifications.give(
            session=held, user=self.reviewer, base_version=masklet.version, comment="Look again.",
            verdict=self.any.choices(["unsatisfactory", "satisfactory", "rejected"], [8, 1, 1])[0],
        )  # fmt: skip


@pytest.fixture
def office(annotator: User, reviewer: User, project: Any) -> Callable[[int], Office]:
    return lambda seed: Office(annotator, reviewer, make_video(project, annotator), seed)


def told(session: Session, after: str) -> list[tuple[str, str, Shapes]]:
    entries = client().xrange(events.stream_key(session.pk), min=f"({after}")
    return [(entry, fields["kind"], json.loads(fields["data"])) for entry, fields in entries]


@pytest.mark.parametrize("seed", range(3))
def test_a_snapshot_and_the_events_since_equal_a_fresh_snapshot(
    office: Callable[[int], Office], seed: int
) -> None:
    people = office(seed)
    start = plain(snapshot(people.session))
    page, after, done = Page(start), start["last_event_id"], []
    for _ in range(60):
        done.append(people.act())
        for entry, kind, data in told(people.session, after):
            page.apply(kind, data)
            after = entry
        fresh = Page(plain(snapshot(people.session)))
        assert page.seen() == fresh.seen(), f"after {', '.join(done[-8:])}"
    assert len([name for name in done if "(" not in name]) > 20


def test_events_that_a_page_hears_twice_do_no_harm(office: Callable[[int], Office]) -> None:
    people = office(7)
    for _ in range(10):
        people.draw()
    start = plain(snapshot(people.session))
    page = Page(start)
    # A page may open the stream a little before its snapshot was read.
    for _, kind, data in told(people.session, "0-0")[-3:]:
        page.apply(kind, data)
    assert page.seen() == Page(start).seen()


def plain(shape: Any) -> Shapes:
    """As it comes over the wire."""
    from rest_framework.utils.encoders import JSONEncoder

    return json.loads(json.dumps(shape, cls=JSONEncoder))
