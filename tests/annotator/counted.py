"""A project whose masklets have the facts that a test gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from annotator.models import Masklet, MaskletFacts, ModelVersion, Project, User, Verification, Video
from annotator.services import cells
from tests.annotator.api.http import Http
from tests.factories import make_member, make_video

MONDAY = datetime(2024, 4, 1, 12, tzinfo=UTC)


class World:
    """A project whose masklets have the facts that they are given."""

    def __init__(self, project: Project, manager: User) -> None:
        self.project, self.manager = project, manager
        self.video = make_video(project, manager)
        self.person = make_member(project, "annotator", "anna")
        self.model = ModelVersion.objects.create(engine="sam2", weights="small")

    def masklet(self, state: str, video: Video | None = None, **counted: Any) -> MaskletFacts:
        video = video or self.video
        kept = {
            name: counted.pop(name) for name in ("type", "phase", "gold_of", "set_aside") if name in counted
        }
        submitted = counted.pop("submitted_at", MONDAY if state != "in_work" else None)
        row = Masklet.objects.create(
            video=video, number=Masklet.objects.count(), name="Object", state=state, created_by=self.manager,
            tracked_by=counted.pop("person", self.person) if submitted else None, submitted_at=submitted,
            **{"phase": 3, **kept},
        )  # fmt: skip
        facts = {"frames": 10, "mean_area": 100.0, "relative_area": 0.03, **counted}
        MaskletFacts.objects.filter(pk=row.pk).update(stale=False, **facts)
        return MaskletFacts.objects.get(pk=row.pk)

    def verdict(
        self, row: MaskletFacts, verdict: str, at: datetime | None = None, **given: Any
    ) -> Verification:
        """A verdict on the person's work, by the manager and at this moment unless told otherwise."""
        made = Verification.objects.create(
            project=self.project, masklet_id=row.pk, verdict=verdict,
            version=Verification.objects.count(),
            **{"worker": self.person, "reviewer": self.manager, **given},
        )  # fmt: skip
        Verification.objects.filter(pk=made.pk).update(created_at=at or made.created_at)
        return made

    def get(self, what: str) -> Any:
        cells.add_up_touched()
        answer = Http(self.manager)("GET", f"projects/{self.project.slug}/numbers/{what}")
        assert answer.status_code == 200, answer.content
        if "csv" not in what:
            return answer.json()  # type: ignore[attr-defined]
        return (b"".join(answer) if answer.streaming else answer.content).decode()  # type: ignore[arg-type]
