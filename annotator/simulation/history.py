"""What became of each masklet, by what people wrote down about it and by nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_LEADS_TO = {"satisfactory": "accepted", "unsatisfactory": "refine", "rejected": "rejected"}


@dataclass(frozen=True)
class Video:
    """frames: of the working video. annotated: those that a masklet has masks on."""

    size: tuple[int, int]
    frames: int
    annotated: int


@dataclass
class Masklet:
    """state: "" until it is handed in; of one that was set aside, why. phase: it was handed in under first, 0
    where no person did. masks: COCO counts, as they were handed in last, of the frames that show the object."""

    pk: int
    is_auto: bool = False
    state: str = ""
    moved_at: float = 0.0
    handed_in_at: float = 0.0
    video: int = 0
    object: str = ""
    is_gold: bool = False
    is_copy: bool = False  # work on gold
    is_selection: bool = False  # else it began as another one did
    phase: int = 0
    person: str = ""  # who handed it in last
    masks: dict[int, str] = field(default_factory=dict)
    visible: int = 0
    edited: set[int] = field(default_factory=set)
    clicks: int = 0
    clicked: set[int] = field(default_factory=set)
    active_ms: int = 0
    judges: list[str] = field(default_factory=list)
    was_sent_back: bool = False


class History:
    """min_edited_frames: of the protocol that people worked by."""

    def __init__(self, acts: Sequence[dict[str, Any]], min_edited_frames: int) -> None:
        self.videos: dict[int, Video] = {}
        self._all: dict[int, Masklet] = {}
        self._phase = 0
        self._least = min_edited_frames
        # People may have been at what a model made before its run was seen to have ended.
        for act in acts:
            if act["act"] == "auto":
                self._all[act["masklet"]] = Masklet(act["masklet"], True, "submitted", act["at"], act["at"])
        for act in acts:
            self._take(act)
        self._of_object: dict[tuple[int, str], list[Masklet]] = defaultdict(list)
        for one in self._all.values():
            self._of_object[one.video, one.object].append(one)

    @property
    def masklets(self) -> list[Masklet]:
        """Those that were handed in, without work on gold."""
        return [one for one in self._all.values() if one.state and not one.is_copy]

    @property
    def selected(self) -> set[int]:
        """Videos in which somebody chose an object."""
        return {one.video for one in self._all.values() if one.is_selection}

    @property
    def manual(self) -> list[Masklet]:
        """Those that people handed in, also on gold."""
        return [one for one in self._all.values() if one.phase]

    def reference(self, masklet: Masklet) -> Masklet | None:
        """The same object as somebody tracked it in phase 1: the gold that the work is measured on, else the
        accepted twin."""
        same = [one for one in self._of_object[masklet.video, masklet.object] if not one.is_copy]
        if masklet.is_copy:
            found = [one for one in same if one.is_gold]
        else:
            found = [one for one in same if self._begun_as(one) == self._begun_as(masklet)]
        kept = [one for one in found if one.phase == 1 and one.state == "accepted"]
        return kept[0] if kept else None

    def _begun_as(self, masklet: Masklet) -> int:
        """A twin is made when the selection ends: it is that of its object's newest selection by then."""
        if masklet.is_selection or masklet.is_auto:
            return masklet.pk
        same = [one.pk for one in self._of_object[masklet.video, masklet.object] if one.is_selection]
        return max((pk for pk in same if pk < masklet.pk), default=masklet.pk)

    def _take(self, act: dict[str, Any]) -> None:
        match act["act"]:
            case "phase":
                self._phase = act["phase"]
            case "uploaded":
                self.videos[act["video"]] = Video(tuple(act["size"]), act["frames"], act["annotated"])
            case _ if act.get("masklet"):
                masklet = self._all.setdefault(act["masklet"], Masklet(act["masklet"]))
                masklet.is_copy |= bool(act.get("training"))
                self._take_of(masklet, act)

    def _take_of(self, masklet: Masklet, act: dict[str, Any]) -> None:
        match act["act"]:
            case "selected":
                masklet.is_selection = True
                masklet.video, masklet.object = act["video"], act["object"]
            case "gold":
                masklet.is_gold = True
            case "was_gold":
                masklet.is_copy = True
            case "prompt":
                masklet.edited.update(act["frames"])
                if act["kind"] == "point":
                    masklet.clicks += 1
                    masklet.clicked.update(act["frames"])
            case "looked" if act["kind"] in ("track", "refine"):
                masklet.active_ms += act["active_ms"]
            case "submitted":
                self._hand_in(masklet, act)
            case "verdict":
                masklet.video, masklet.visible = act["video"], act["visible"]
                masklet.judges.append(act["person"])
                masklet.was_sent_back |= act["verdict"] == "unsatisfactory" and not act["put_aside"]
                masklet.state = "auto_failure" if act["put_aside"] else _LEADS_TO[act["verdict"]]
                masklet.moved_at = act["at"]
            case "decided":
                for other in set(act["pair"]) - {masklet.pk}:
                    self._all[other].state, self._all[other].moved_at = "not_chosen", act["at"]

    def _hand_in(self, masklet: Masklet, act: dict[str, Any]) -> None:
        is_easy = len(masklet.edited) < self._least and not masklet.is_auto
        masklet.state = "too_easy" if is_easy else "submitted"
        masklet.video, masklet.object, masklet.person = act["video"], act["object"], act["person"]
        masklet.masks, masklet.visible = act["masks"], len(act["masks"])
        masklet.phase = masklet.phase or self._phase
        masklet.handed_in_at = masklet.moved_at = act["at"]
