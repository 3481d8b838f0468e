"""`python -m tests.load.workspace`: how soon the workspace draws the next frame, with 10 masklets on 1080p.

Starts a Maskloom, draws the masklets over HTTP, and opens them in headless Chromium, which draws without
a graphics card. Time runs from the key to the task after the animation frame that drew; frames are decoded
by then. The page's own part is what its script took; the rest is Chromium's.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from annotator.simulation.client import Client
from annotator.video_io.encoder import Encoder
from inference_worker.protocol import rle
from tests.journeys.conftest import SWITCHES, ingested
from tests.journeys.maskloom_process import Maskloom
from tests.journeys.pages import Workspace, sign_in

SIZES = ((1920, 1080), (1280, 720))  # width, height of the video; the window is 1920 x 1080
FRAMES = 97  # 25 annotated ones
MASKLETS = 10
ROUNDS = 8  # through the video and back
REPEAT_MS = 40  # between keys, about as a held one repeats
SETTLED_MS = 300  # between keys that are not measured: time for frames to be fetched and decoded
# The first listener's animation frame comes before the page's own, the last one's after it.
DRAWN_JS = """() => {
  window.drawn = [];
  let heard, begun;
  addEventListener("keydown", () => {
    heard = performance.now();
    requestAnimationFrame(() => { begun = performance.now(); });
  }, { capture: true });
  addEventListener("keydown", (event) => {
    const handled = performance.now() - heard;
    requestAnimationFrame(() => {
      const own = handled + performance.now() - begun;
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.drawn.push([performance.now() - event.timeStamp, own]);
      port2.postMessage(null);
    });
  });
}"""
PLAYED_JS = """() => new Promise((resolve) => {
  const label = document.querySelector(".frame-label input");
  const seen = new Set();
  let began = 0, painted = 0;
  const look = (now) => {
    began ||= now;
    seen.add(label.value);
    painted += 1;
    if (now - began < 3500) requestAnimationFrame(look);
    else resolve({ painted: (painted - 1) * 1000 / (now - began), shown: seen.size * 1000 / (now - began) });
  };
  requestAnimationFrame(look);
})"""


def main() -> int:
    browser_path = os.environ.get("MASKLOOM_BROWSER") or shutil.which("chromium")
    if not browser_path:
        sys.exit("No Chromium was found: install it, or name one in MASKLOOM_BROWSER.")
    print("Starting Maskloom", flush=True)
    maskloom = Maskloom(MASKLOOM_ENGINE="scripted").wait_until_ready()
    try:
        owner = maskloom.client("owner")
        slug = owner.post("projects", name="Workspace")["slug"]
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            browser = playwright.chromium.launch(executable_path=browser_path, args=list(SWITCHES))
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            logins = json.loads((maskloom.data / "state" / "sample-logins.json").read_text())
            sign_in(page, maskloom.url, "owner", logins["owner"])
            for width, height in SIZES:
                video = _annotated(owner, slug, Path(folder), width, height)
                _report(f"{height}p", _open(page, maskloom.url, video))
            browser.close()
    finally:
        maskloom.stop()
    return 0


def _annotated(owner: Client, slug: str, folder: Path, width: int, height: int) -> dict[str, Any]:
    """A video that pans over a cloudy picture, with its masklets drawn on every annotated frame."""
    source = folder / f"{height}.mp4"
    grain = np.random.default_rng(7).integers(0, 255, (height // 40, width // 40, 3), np.uint8)
    picture = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    with Encoder(source, width, height, crf=20) as encoder:
        for index in range(FRAMES):
            encoder.write([np.roll(picture, 4 * index, axis=1).tobytes()])
    video = ingested(owner, slug, source)
    session = owner.post(f"videos/{video['id']}/sessions")["session"]["id"]
    for number in range(MASKLETS):
        _draw(owner, session, video, number)
    owner.post(f"sessions/{session}/close")
    return video


def _draw(owner: Client, session: int, video: dict[str, Any], number: int) -> None:
    masklet = owner.post(f"sessions/{session}/masklets", client_id=str(uuid.uuid4()))
    version = masklet["version"]
    for frame in range(0, video["frame_count"], video["stride"]):
        made = owner.post(
            f"sessions/{session}/masklets/{masklet['id']}/prompts",
            frame_index=frame,
            prompts=[{"kind": "mask", "counts": rle.encode(_ragged(video, number, frame))}],
            base_version=version,
            client_id=str(uuid.uuid4()),
        )
        version = made["masklet"]["version"]


def _ragged(video: dict[str, Any], number: int, frame: int) -> np.ndarray:
    """bool, height x width: a round thing with an uneven edge, which drifts and turns."""
    height, width = video["height"], video["width"]
    ys, xs = np.ogrid[:height, :width]
    y, x = height * (0.3 + 0.4 * (number % 2)), width * (0.1 + 0.18 * (number // 2)) + frame / 2
    angle = np.arctan2(ys - y, xs - x) + frame / 30
    reach = height / 14 * (1 + 0.15 * np.sin(9 * angle) + 0.05 * np.sin(40 * angle))
    return np.asarray(np.hypot(ys - y, xs - x) < reach)


def _open(page: Page, url: str, video: dict[str, Any]) -> tuple[np.ndarray, dict[str, float]]:
    """Milliseconds, keys x (from key to drawing, the page's own part), and what was painted and shown a second in play."""
    workspace = Workspace(page, url, video).open()
    steps = video["annotated_count"] - 1
    for key in ["ArrowRight"] * steps + ["ArrowLeft"] * steps:
        workspace.press(key)
        page.wait_for_timeout(SETTLED_MS)
    page.evaluate(DRAWN_JS)
    for _ in range(ROUNDS):
        for key, end in (("ArrowRight", steps * video["stride"]), ("ArrowLeft", 0)):
            for _ in range(steps):
                workspace.press(key)
                page.wait_for_timeout(REPEAT_MS)
            assert workspace.frame() == end
    drawn = np.array(page.evaluate("window.drawn"))
    assert drawn.shape == (2 * ROUNDS * steps, 2)
    workspace.press("Space")
    played: dict[str, float] = page.evaluate(PLAYED_JS)
    return drawn, played


def _report(name: str, measured: tuple[np.ndarray, dict[str, float]]) -> None:
    drawn, played = measured
    (p50, own), (p95, own_95) = np.percentile(drawn, (50, 95), axis=0)
    print(
        f"{name}: key to drawing p50 {p50:.1f}, p95 {p95:.1f} ms of {len(drawn)}, "
        f"the page's own part {own:.1f}, {own_95:.1f}; "
        f"in play {played['painted']:.0f} fps painted, {played['shown']:.1f} annotated frames a second; "
        f"load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
