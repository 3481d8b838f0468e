"""Engines by name. Nothing of an engine is imported before it is asked for."""

from __future__ import annotations

from inference_worker.engines import EngineError, Segmenter

NAMES = ("opencv", "scripted")


def load(name: str) -> Segmenter:
    """The engine of that name, ready to open videos. Raises EngineError for a name nobody has."""
    if name == "opencv":
        from inference_worker.engines.opencv import OpenCVSegmenter

        return OpenCVSegmenter()
    if name == "scripted":
        from inference_worker.engines.scripted import ScriptedSegmenter

        return ScriptedSegmenter()
    raise EngineError(f"There is no engine called {name!r}. Choose one of: {', '.join(NAMES)}.")


def default_name() -> str:
    """The best engine this machine can run without being told."""
    return "opencv"
