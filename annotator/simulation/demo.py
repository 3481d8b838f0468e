"""The whole loop on the sample: upload, click, propagate, correct, verify, export; measured against the truth."""

from __future__ import annotations

import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from annotator.simulation.client import Client
from annotator.simulation.labelling import Annotator
from annotator.video_io.sample import METADATA, SampleTruth, render
from inference_worker.protocol import metrics, rle

GOOD_ENOUGH = 0.75  # the scripted reviewer's mean J of a satisfactory masklet
ROUNDS = 2
POLL_S = 0.3


class DemoFailed(Exception):
    """A step of the loop did not come out as it must."""


def run(base: str, logins: Mapping[str, str], out: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Do it, and tell in numbers how it went. logins: user name -> password of the sample's cast."""
    began = time.monotonic()
    people = {name: Client.sign_in(base, name, password) for name, password in logins.items()}
    project = _project(people["owner"], list(logins))
    video, truth = _ingest(people["manager"], project, say)
    masks = {name: _annotated(counts, video, truth) for name, counts in truth.masks.items()}
    annotator, masklets = _annotate(people["annotator"], video, masks, say)
    _verify(people, project, video, masklets, masks, annotator, say)
    scores = _scores(annotator, masklets, masks)
    export = _export(people["manager"], project, out, say)
    rows = [people["manager"].get(f"masklets/{pk}") for pk in masklets.values()]
    return {
        "engine": _engine(base),
        "masklets": len(masklets),
        "clicks": annotator.clicks,
        "edited_frames": sum(row["edited_frame_count"] for row in rows),
        "J": round(float(np.mean([score.j for score in scores])), 4),
        "F": round(float(np.mean([score.f for score in scores])), 4),
        "seconds": round(time.monotonic() - began, 1),
        "export": {
            "folder": str(out),
            "accepted": export["masklets"],
            "masks": export["masks"],
            "problems": len(export["problems"]),
        },
    }


def _project(owner: Client, names: list[str]) -> str:
    slug = f"demo-{int(time.time())}"
    owner.post("projects", name="Demo", slug=slug)
    for name in names:
        if name != "owner":
            owner.put(f"projects/{slug}/members/{name}", role=name)
    return slug


def _ingest(manager: Client, project: str, say: Callable[[str], None]) -> tuple[dict[str, Any], SampleTruth]:
    say("Rendering and uploading the sample")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "balloons.mp4")
        truth = render(source)
        pk = manager.upload(project, source, **METADATA)
    say("Ingesting it")
    while (video := manager.get(f"videos/{pk}"))["state"] in ("queued", "ingesting"):
        time.sleep(POLL_S)
    if video["state"] != "ready":
        raise DemoFailed(f"The sample was refused: {video['refusal']}")
    if (video["height"], video["width"], video["frame_count"]) != (
        truth.height,
        truth.width,
        truth.frame_count,
    ):
        raise DemoFailed("The working video is not of the sample's size and length.")
    return video, truth


def _annotated(counts: list[str], video: dict[str, Any], truth: SampleTruth) -> dict[int, np.ndarray]:
    frames = range(0, video["frame_count"], video["stride"])
    return {frame: rle.decode(counts[frame], truth.height, truth.width) for frame in frames}


def _annotate(
    client: Client, video: dict[str, Any], masks: dict[str, dict[int, np.ndarray]], say: Callable[[str], None]
) -> tuple[Annotator, dict[str, int]]:
    annotator = Annotator(client, client.post(f"videos/{video['id']}/sessions"))
    masklets = {}
    for name, truth in masks.items():
        masklets[name] = annotator.new_masklet(name.replace("_", " ").capitalize())
        annotator.label(masklets[name], truth)
        say(
            f"{name}: mean J {_mean_iou(annotator, masklets[name], truth):.3f}, {annotator.clicks} clicks so far"
        )
    annotator.submit(list(masklets.values()))
    return annotator, masklets


def _verify(
    people: Mapping[str, Client],
    project: str,
    video: dict[str, Any],
    masklets: dict[str, int],
    masks: dict[str, dict[int, np.ndarray]],
    annotator: Annotator,
    say: Callable[[str], None],
) -> None:
    names = {pk: name for name, pk in masklets.items()}
    for last in (False,) * (ROUNDS - 1) + (True,):
        back = []
        for item in people["reviewer"].get(f"projects/{project}/reviews")["results"]:
            pk = item["masklet"]["id"]
            verdict = _verdict(people["reviewer"], pk, annotator, masks[names[pk]], last)
            say(f"{names[pk]}: {verdict}")
            back += [pk] if verdict == "unsatisfactory" else []
        if back and not last:
            annotator.look_again()
            for pk in back:
                annotator.label(pk, masks[names[pk]])
            annotator.submit(back)
    annotator.close()


def _verdict(
    reviewer: Client, masklet: int, annotator: Annotator, truth: dict[int, np.ndarray], last: bool
) -> str:
    snapshot = reviewer.post(f"masklets/{masklet}/sessions")
    worst = min(truth, key=lambda frame: annotator.iou(masklet, frame, truth))
    good = _mean_iou(annotator, masklet, truth) >= GOOD_ENOUGH
    fine = good and (last or annotator.iou(masklet, worst, truth) > 0)
    verdict = "satisfactory" if fine else "unsatisfactory"
    marks = [] if fine else [{"frame_index": worst, "text": "This frame is furthest from the object."}]
    reviewer.post(
        f"sessions/{snapshot['session']['id']}/verdict",
        verdict=verdict,
        marks=marks,
        base_version=snapshot["masklets"][0]["version"],
    )
    return verdict


def _mean_iou(annotator: Annotator, masklet: int, truth: dict[int, np.ndarray]) -> float:
    return float(np.mean([annotator.iou(masklet, frame, truth) for frame in truth]))


def _scores(
    annotator: Annotator, masklets: dict[str, int], masks: dict[str, dict[int, np.ndarray]]
) -> list[metrics.Scores]:
    found = []
    for name, truth in masks.items():
        shown = [annotator.mask(masklets[name], frame) for frame in truth]
        score = metrics.object_scores(shown, list(truth.values()))
        if score is None:
            raise DemoFailed(f"{name} is visible on no scored frame.")
        found.append(score)
    return found


def _export(manager: Client, project: str, out: Path, say: Callable[[str], None]) -> dict[str, Any]:
    say("Exporting as SA-V")
    export = manager.post(f"projects/{project}/exports", format="sav")
    while export["state"] in ("queued", "running"):
        time.sleep(POLL_S)
        export = manager.get(f"exports/{export['id']}")
    if export["state"] != "done":
        raise DemoFailed(f"The export failed: {export['error']}")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "export.zip")
        manager.download(export["urls"]["download"], archive)
        _unpack(archive, out)
    return export


def _unpack(archive: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as files:
        for member in files.infolist():
            target = out / Path(member.filename).name
            target.write_bytes(files.read(member))
            if target.suffix == ".json":
                json.loads(target.read_text())


def _engine(base: str) -> str:
    health = Client(base).get(f"{base}/healthz")
    return health["parts"]["inference_worker"]["engine"]
