"""Work that was handed in, made over HTTP so that a journey may begin at its review."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from annotator.simulation.client import Client
from inference_worker.protocol import rle
from tests.journeys.maskloom_process import Maskloom


def square(video: dict[str, Any], x: int, side: int = 40) -> str:
    """Counts of a square at x, a quarter down the frame."""
    mask = np.zeros((video["height"], video["width"]), bool)
    top = video["height"] // 4
    mask[top : top + side, x : x + side] = True
    return rle.encode(mask)


def hand_in(client: Client, video: dict[str, Any], name: str, x: int = 20) -> int:
    """The id of a new masklet, drawn by hand on every annotated frame and submitted."""
    session = client.post(f"videos/{video['id']}/sessions")["session"]["id"]
    masklet = client.post(f"sessions/{session}/masklets", name=name, client_id=str(uuid.uuid4()))
    version = draw(client, session, video, masklet, x)
    wanted = [{"id": masklet["id"], "base_version": version}]
    client.post(f"sessions/{session}/submit", masklets=wanted)
    client.post(f"sessions/{session}/close")
    return int(masklet["id"])


def draw(client: Client, session: int, video: dict[str, Any], masklet: dict[str, Any], x: int) -> int:
    """A square that goes to the right by a pixel a frame, on each annotated frame; the version after it."""
    version: int = masklet["version"]
    for frame in range(0, video["frame_count"], video["stride"]):
        made = client.post(
            f"sessions/{session}/masklets/{masklet['id']}/prompts",
            frame_index=frame,
            prompts=[{"kind": "mask", "counts": square(video, x + frame)}],
            base_version=version,
            client_id=str(uuid.uuid4()),
        )
        version = made["masklet"]["version"]
    return version


def accept(client: Client, masklet: int, marks: Sequence[dict[str, Any]] = ()) -> None:
    """The person finds it satisfactory."""
    judge(client, masklet, "satisfactory", marks=list(marks))


def send_back(client: Client, masklet: int, comment: str) -> None:
    """The person finds it unsatisfactory."""
    judge(client, masklet, "unsatisfactory", comment=comment)


def judge(client: Client, masklet: int, verdict: str, **said: Any) -> None:
    snapshot = client.post(f"masklets/{masklet}/sessions")
    [row] = snapshot["masklets"]
    path = f"sessions/{snapshot['session']['id']}/verdict"
    client.post(path, verdict=verdict, base_version=row["version"], **said)


def masklets(client: Client, video: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"videos/{video['id']}/masklets")["results"]
    return rows


def track_twice(maskloom: Maskloom, project: str, video: dict[str, Any]) -> list[int]:
    """Ids of two masklets of one selection, both submitted."""
    maskloom.client("owner").patch(f"projects/{project}", consensus_share=1, independent_review=False)
    client = maskloom.client("annotator")
    maskloom.client("manager").post(f"projects/{project}/tasks", kind="select", video=video["id"])
    [task] = client.post(f"projects/{project}/tasks/next", kinds=["select"])["tasks"]
    path = f"sessions/{task['session']}"
    masklet = client.post(f"{path}/masklets", name="Kite", client_id=str(uuid.uuid4()))
    prompt = {"kind": "mask", "counts": square(video, 20)}
    client.post(
        f"{path}/masklets/{masklet['id']}/prompts",
        frame_index=0,
        prompts=[prompt],
        base_version=masklet["version"],
        client_id=str(uuid.uuid4()),
    )
    client.post(f"{path}/selection")
    for x in (20, 32):
        [task] = client.post(f"projects/{project}/tasks/next", kinds=["track"])["tasks"]
        snapshot = client.get(f"sessions/{task['session']}")
        [row] = snapshot["masklets"]
        version = draw(client, task["session"], video, row, x)
        wanted = [{"id": row["id"], "base_version": version}]
        client.post(f"sessions/{task['session']}/submit", masklets=wanted)
    return sorted(row["id"] for row in masklets(client, video))
