"""Weights on disk as modules in memory; a published checkpoint is converted on its first use.

A converted model is a folder of `model.safetensors`, `config.json` and `weights.json` (its sha256
and where it came from). Folders that transformers saved are read as well.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import Sam2VideoConfig, Sam2VideoModel
from transformers.initialization import no_init_weights

from inference_worker.engines import EngineError
from inference_worker.engines.sam2 import model_folder
from inference_worker.engines.sam2.configs import RELEASES, Release, video_config
from inference_worker.engines.sam2.conversion import convert, recognised
from inference_worker.engines.sam2.model_folder import CONFIG, RECORD, WEIGHTS
from inference_worker.protocol.messages import ModelVersion


def load(name_or_path: str, device: torch.device | str = "cpu") -> tuple[Sam2VideoModel, ModelVersion]:
    """The modules in float32, ready for inference on `device`, and what to write on their masks.

    name_or_path: a release such as sam2.1-tiny, a folder with model.safetensors and config.json,
    or a published (or fine-tuned) `.pt`, which is converted into a folder beside it.
    Raises EngineError in a sentence that says which file to put where.
    """
    folder = _folder(name_or_path)
    model = _read(folder).eval().requires_grad_(False)
    model.to(device)
    version = ModelVersion(
        engine="sam2", weights=folder.name, weights_sha256=model_folder.weights_sha256(folder)
    )
    return model, version


def empty_model(config: Sam2VideoConfig) -> Sam2VideoModel:
    """The modules with whatever was in their memory, to be filled: saves seconds of random numbers."""
    with no_init_weights():
        return Sam2VideoModel(config)


def convert_file(source: Path, target: Path, release: Release | None = None) -> None:
    """Makes the folder `target` of the published checkpoint `source`, all or nothing.

    release: what `source` must hold; None takes any that is recognised.
    Raises EngineError.
    """
    if target.exists() and not (target / RECORD).exists():
        raise EngineError(
            f"{target} is there and holds something else. Move it away, or rename {source.name}."
        )
    official = _official(source)
    config = video_config((release or recognised(official)).architecture)
    try:
        with torch.device("meta"):
            wanted = {name: tensor.shape for name, tensor in Sam2VideoModel(config).state_dict().items()}
        weights = convert(official, wanted)
    except EngineError as error:
        raise EngineError(f"{source} cannot be used. {error}") from error
    try:
        _write(weights, config, source, target)
    except OSError as error:
        raise EngineError(
            f"The weights of {source.name} cannot be written to {target}: {error.strerror or error}. "
            "Run `python manage.py fetch_model` where this folder may be written and has room."
        ) from error


def _folder(name_or_path: str) -> Path:
    release = RELEASES.get(name_or_path)
    if release is not None:
        target, source = model_folder.converted(release), model_folder.official(release)
        if not model_folder.is_converted(release):
            if not source.exists():
                raise EngineError(
                    f"The weights of {release.name} are not on this machine. {model_folder.how_to_get(release)}"
                )
            convert_file(source, target, release)
        return target
    path = Path(name_or_path)
    if path.is_dir():
        return path.resolve()
    if path.suffix == ".pt" and path.is_file():
        target = path.with_suffix("").resolve()
        if not _is_of(target, path):
            convert_file(path, target)
        return target
    raise EngineError(
        f"{name_or_path!r} is neither a model ({', '.join(RELEASES)}) nor a folder of weights nor a .pt file."
    )


def _official(path: Path) -> dict[str, torch.Tensor]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        official = checkpoint["model"]
        tensors = all(isinstance(tensor, torch.Tensor) for tensor in official.values())
    except Exception as error:  # a file from anywhere: torch names no kinds of what can be wrong
        raise EngineError(
            f"{path} cannot be read as a SAM 2 checkpoint; if its download broke off, delete it and "
            f"fetch it again. ({type(error).__name__})"
        ) from error
    if not tensors:
        raise EngineError(f"{path} holds more than tensors and is no SAM 2 checkpoint.")
    return dict(official)


def _write(weights: dict[str, torch.Tensor], config: Sam2VideoConfig, source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        part.chmod(0o755)
        save_file(weights, part / WEIGHTS, metadata={"format": "pt"})
        config.save_pretrained(part)
        record = {"source": source.name, "source_sha256": model_folder.file_sha256(source)}
        model_folder.write_record(part, {**record, "source_modified_ns": source.stat().st_mtime_ns})
        model_folder.weights_sha256(part)
        shutil.rmtree(target, ignore_errors=True)
        part.replace(target)
    except SafetensorError as error:
        raise OSError(str(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _is_of(target: Path, source: Path) -> bool:
    try:
        record = json.loads((target / RECORD).read_text())
        return bool(record["source_modified_ns"] == source.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return False


def _read(folder: Path) -> Sam2VideoModel:
    for name in (WEIGHTS, CONFIG):
        if not (folder / name).exists():
            raise EngineError(f"{folder} has no {name}: it is no folder of SAM 2 weights.")
    model = empty_model(_config(folder / CONFIG))
    try:
        weights = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise EngineError(
            f"{folder / WEIGHTS} is damaged ({error}). Delete {folder} and fetch the weights again."
        ) from error
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items()}
    if {name: tensor.shape for name, tensor in weights.items()} != wanted:
        odd = sorted(wanted.keys() ^ weights.keys()) or [n for n in wanted if wanted[n] != weights[n].shape]
        raise EngineError(f"{folder / WEIGHTS} does not fit its {CONFIG}: see {odd[0]} ({len(odd)} in all).")
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return model


def _config(path: Path) -> Sam2VideoConfig:
    try:
        described = json.loads(path.read_text())
        if described.get("model_type") == "sam2_video":
            return Sam2VideoConfig.from_dict(described)
    except Exception as error:  # transformers names no kinds of what a configuration can get wrong
        raise EngineError(f"{path} is no configuration of a SAM 2 video model: {error}") from error
    raise EngineError(f"{path} describes another kind of model than sam2_video.")
