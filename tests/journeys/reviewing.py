"""Work that was handed in, made over HTTP so that a journey may begin at its review."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from annotator.simulation.client import Client
from inference_worker.protocol import rle


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
