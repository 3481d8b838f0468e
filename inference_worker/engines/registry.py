"""Engines by name. Nothing of an engine is imported before it is asked for."""

from __future__ import annotations

import importlib.util

from inference_worker.engines import EngineError, Segmenter

NAMES = ("sam2", "opencv", "scripted")


def load(name: str) -> Segmenter:
    """The engine of that name, ready to open videos.

    `sam2:WHICH` takes a model by name, folder or `.pt` file; `sam2` alone the one that is installed and
    suits this machine. Raises EngineError for a name nobody has, and for what an engine lacks.
    """
    engine, _, which = name.partition(":")
    if engine == "sam2":
        return _sam2(which)
    if name == "opencv":
        from inference_worker.engines.opencv import OpenCVSegmenter

        return OpenCVSegmenter()
    if name == "scripted":
        from inference_worker.engines.scripted import ScriptedSegmenter

        return ScriptedSegmenter()
    raise EngineError(f"There is no engine called {name!r}. Choose one of: {', '.join(NAMES)}.")


def load_or_stand_in(name: str) -> tuple[Segmenter, str]:
    """load(), or `opencv` where SAM 2 cannot be loaded here, with the reason in a sentence for people."""
    try:
        return load(name), ""
    except EngineError as error:
        if name.partition(":")[0] != "sam2":
            raise
        return load("opencv"), f"SAM 2 is not at work, opencv stands in. {error}"


def default_name() -> str:
    """The best engine this machine can run without being told."""
    from inference_worker.engines.sam2 import model_folder

    return "sam2" if _has_torch() and model_folder.installed() else "opencv"


def _sam2(which: str) -> Segmenter:
    if not _has_torch():
        raise EngineError(
            "The engine sam2 needs torch and transformers: run `pip install -r inference_worker/requirements.txt`."
        )
    import torch

    from inference_worker.engines.sam2 import checkpoints
    from inference_worker.engines.sam2.segmenter import Sam2Segmenter

    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        modules, version = checkpoints.load(which or _suitable(device), device)
        return Sam2Segmenter(modules, version)
    except (torch.OutOfMemoryError, MemoryError):
        raise EngineError(
            f"There is no memory left for the model on this machine ({device}). Stop what else runs there, or "
            "choose a smaller one: MASKLOOM_ENGINE=sam2:sam2.1-tiny."
        ) from None


def _suitable(device: str) -> str:
    """The largest installed model of the newest version on a GPU, the smallest on a processor."""
    from inference_worker.engines.sam2 import model_folder

    installed = model_folder.installed() or ["sam2.1-tiny" if device == "cpu" else "sam2.1-large"]
    newest = [name for name in installed if name.startswith("sam2.1-")] or installed
    return newest[0 if device == "cpu" else -1]


def _has_torch() -> bool:
    return all(importlib.util.find_spec(package) is not None for package in ("torch", "transformers"))
