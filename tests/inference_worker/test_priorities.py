"""What waits when a worker comes up is served clicks first, whichever queue it waits in."""

from __future__ import annotations

from collections.abc import Callable

from inference_worker.protocol.messages import INFERENCE_QUEUE, ChunkResult, Frames
from tests.inference_worker.worker_process import Asker, WorkerProcess, a_click, a_pass, wait_for


def test_clicks_overtake_the_chunks_that_wait(
    asker: Asker, frames: Frames, start_worker: Callable[..., WorkerProcess]
) -> None:
    queues = [INFERENCE_QUEUE, "inference@late.dq2"]
    for propagation in range(4):
        asker.propagate(a_pass(frames, [[4]], propagation=propagation), queue=queues[propagation % 2])
    for queue in queues:
        asker.click(a_click(frames), queue=queue)
    worker = start_worker("late")
    asker.results_until(lambda _: sum(isinstance(result, ChunkResult) for result in asker.results) == 4)
    wait_for(lambda: worker.log().count(" chunk session=") == 4)
    assert worker.log().count(" click session=") == 2
    assert worker.log().rindex(" click session=") < worker.log().index(" chunk session=")
