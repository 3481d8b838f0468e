"""A pass through a run of frames, one frame at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from inference_worker.engines import Known, Segmented
from inference_worker.engines.order import is_forward
from inference_worker.engines.sam2.course import Course
from inference_worker.engines.sam2.engine import Engine, Video
from inference_worker.engines.sam2.memory import recollect
from inference_worker.engines.sam2.rebuild import Rebuilder, Wanted
from inference_worker.engines.sam2.recall import TRACKED, Recall
from inference_worker.engines.sam2.results import segmented
from inference_worker.engines.sam2.step import Job, Output, track


class Pass:
    """What a pass remembers: per object the memories within reach of the next frame, no more."""

    def __init__(
        self,
        video: Video,
        recall: Recall,
        rebuilder: Rebuilder,
        frames: Sequence[int],
        known: Mapping[int, Mapping[int, Known]],
    ) -> None:
        self._video = video
        self._recall = recall
        self._rebuilder = rebuilder
        self._forward = is_forward(frames, known)
        self._courses = {
            obj: Course(
                {video.place(index): each for index, each in given.items()},
                forward=self._forward,
                bounds=video.engine.bounds,
            )
            for obj, given in known.items()
        }

    @property
    def nbytes(self) -> int:
        """Memory maps that only this pass holds."""
        recalled = self._recall.maps()
        memories = [memory for course in self._courses.values() for memory in course.memories.values()]
        return sum(m.map.nbytes for m in memories if m.map is not None and id(m.map) not in recalled)

    def begin(self, frame_index: int) -> tuple[dict[int, Segmented], list[int]]:
        """On the run's next frame: the masks that are given for it, and the objects to be tracked onto it."""
        at = self._video.place(frame_index)
        begun = {obj: course for obj, course in self._courses.items() if course.has_begun(at)}
        given = {obj: course.given[at] for obj, course in begun.items() if at in course.given}
        results = {obj: Segmented(each.mask, 1.0) for obj, each in given.items() if not each.human}
        return results, [obj for obj in begun if obj not in given]

    def jobs(self, objects: Sequence[int], frame_index: int) -> list[Job]:
        """What is to be tracked for these objects onto a frame; jobs of several passes fit one batch."""
        at = self._video.place(frame_index)
        self._learn(objects, at)
        features = self._video.features(frame_index)
        model, longest = self._video.engine.model, self._video.longest
        courses = [self._courses[obj] for obj in objects]
        return [Job(features, recollect(model, each.reach(at), each.memories, longest)) for each in courses]

    def accept(
        self, objects: Sequence[int], frame_index: int, outputs: Sequence[Output]
    ) -> dict[int, Segmented]:
        """The masks of tracked outputs, which are remembered from here on."""
        at = self._video.place(frame_index)
        for obj, output in zip(objects, outputs, strict=True):
            course = self._courses[obj]
            course.move_on(at, output.memory, course.reach(at))
            self._recall.put((obj, frame_index, TRACKED), replace(output, forward=self._forward))
        return dict(zip(objects, segmented(outputs, self._video.size), strict=True))

    def _learn(self, objects: Sequence[int], at: int) -> None:
        needed = []
        for obj in objects:
            course = self._courses[obj]
            needed += [(obj, position) for position in course.missing(course.reach(at))]
        wanted = [
            Wanted(obj, self._video.index(position), self._courses[obj].given[position])
            for obj, position in needed
        ]
        for (obj, position), output in zip(needed, self._rebuilder.outputs(wanted), strict=True):
            self._courses[obj].learn(position, output.memory)


def step_together(engine: Engine, passes: Sequence[tuple[Pass, int]]) -> list[dict[int, Segmented]]:
    """The masks of all objects of each pass that have begun, on the next frame of its run, in one batch.

    passes: each with that frame. Passes of one session may be among them, the same pass only once.
    """
    begun = [each.begin(frame) for each, frame in passes]
    jobs = [
        each.jobs(ahead, frame) if ahead else []
        for (each, frame), (_, ahead) in zip(passes, begun, strict=True)
    ]
    together = [job for some in jobs for job in some]
    outputs = iter(track(engine.model, together, engine.small_area) if together else ())
    for (each, frame), (results, ahead), some in zip(passes, begun, jobs, strict=True):
        if some:
            results.update(each.accept(ahead, frame, list(islice(outputs, len(some)))))
    return [results for results, _ in begun]
