"""SAM 2's weights: every published tensor finds its place, and what is missing or broken is said."""

from __future__ import annotations

import hashlib
import http.server
import json
import pickle
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import Sam2VideoModel

from inference_worker.engines import EngineError
from inference_worker.engines.sam2 import configs, fetch, model_folder
from inference_worker.engines.sam2.checkpoints import load
from inference_worker.engines.sam2.configs import RELEASES, video_config
from inference_worker.engines.sam2.conversion import convert, recognised
from tests.inference_worker.engines.sam2_parity.models import SMALL, our_model
from tests.inference_worker.engines.sam2_parity.weights import official_shapes, official_weights

TINY = RELEASES["sam2.1-tiny"]
MILLIONS = {"tiny": 38.9, "small": 46.0, "base-plus": 80.8, "large": 224.4}  # the publisher's table


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as the publisher's, with numbers by rule."""
    path = tmp_path_factory.mktemp("published") / TINY.file
    torch.save({"model": official_weights(official_shapes(TINY.name))}, path)
    return path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("MASKLOOM_MODELS", str(folder))
    return folder


def _place(published: Path, folder: Path) -> Path:
    path = folder / published.name
    path.hardlink_to(published)
    return path


@pytest.mark.parametrize("name", RELEASES)
def test_each_release_has_as_many_parameters_as_published(name: str) -> None:
    with torch.device("meta"):
        model = Sam2VideoModel(video_config(RELEASES[name].architecture))
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    assert millions == pytest.approx(MILLIONS[name.split("-", 1)[1]], abs=0.1)


def test_every_tensor_of_a_published_checkpoint_is_used_once(models: Path, published: Path) -> None:
    _place(published, models)
    model, _ = load("sam2.1-tiny")
    official, ours = official_weights(official_shapes("sam2.1-tiny")), model.state_dict()
    matrix = "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    assert torch.equal(
        ours["prompt_encoder.point_embed.weight"][2:3],
        official["sam_prompt_encoder.point_embeddings.2.weight"],
    )
    assert torch.equal(ours["shared_image_embedding.positional_embedding"], official[matrix])
    assert torch.equal(ours["prompt_encoder.shared_embedding.positional_embedding"], official[matrix])
    used = sorted(float(tensor.double().sum()) for tensor in ours.values())
    labels = [name for name in official if ".point_embeddings." in name]
    given = [float(tensor.double().sum()) for name, tensor in official.items() if name not in labels]
    together = sum(float(official[name].double().sum()) for name in labels)
    assert used == pytest.approx(sorted([*given, together, float(official[matrix].double().sum())]))


def test_the_first_generation_has_neither_timed_pointers_nor_a_mark_for_absence() -> None:
    second = {"no_obj_embed_spatial", "obj_ptr_tpos_proj.weight", "obj_ptr_tpos_proj.bias"}
    official = official_weights(official_shapes("small"))
    first = {name: tensor for name, tensor in official.items() if name not in second}
    with torch.device("meta"):
        model = Sam2VideoModel(video_config(replace(SMALL, timed_pointers=False)))
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items()}
    assert convert(first, wanted).keys() == wanted.keys()
    with pytest.raises(EngineError, match="more than the model: occlusion_spatial_embedding_parameter"):
        convert(official, wanted)


def test_a_checkpoint_is_told_by_its_tensors() -> None:
    official = official_weights(official_shapes("sam2.1-tiny"))
    assert recognised(official) is TINY
    del official["no_obj_embed_spatial"]
    assert recognised(official).name == "sam2-tiny"
    with pytest.raises(EngineError, match="no model of the SAM 2 family"):
        recognised(official_weights(official_shapes("small")))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda official: official.pop("no_obj_ptr"), "lacks no_object_pointer"),
        (
            lambda official: official.pop("sam_prompt_encoder.point_embeddings.3.weight"),
            "lacks .*point_embeddings.3",
        ),
        (lambda official: official.update(head=torch.zeros(1)), "more than the model: head"),
        (lambda official: official.update(no_obj_ptr=torch.zeros(2, 2)), "other shapes .*no_object_pointer"),
        (lambda official: official["no_obj_ptr"].fill_(torch.nan), "no numbers in no_object_pointer"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(spoil, sentence: str) -> None:
    official = official_weights(official_shapes("small"))
    spoil(official)
    wanted = {name: tensor.shape for name, tensor in our_model("small").state_dict().items()}
    with pytest.raises(EngineError, match=sentence):
        convert(official, wanted)


def test_a_published_checkpoint_is_converted_once_and_known_by_its_sha256(
    models: Path, published: Path
) -> None:
    source = _place(published, models)
    assert model_folder.installed() == ["sam2.1-tiny"]
    model, version = load("sam2.1-tiny")
    source.unlink()
    again, same = load("sam2.1-tiny")
    weights = models / "sam2.1-tiny" / "model.safetensors"
    assert version == same
    assert (version.engine, version.weights) == ("sam2", "sam2.1-tiny")
    assert version.weights_sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    assert not model.training
    assert model_folder.installed() == ["sam2.1-tiny"]
    record = json.loads((models / "sam2.1-tiny" / "weights.json").read_text())
    assert record["source_sha256"] == hashlib.sha256(published.read_bytes()).hexdigest()


def test_the_sha256_is_read_from_beside_the_weights_until_they_change(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    first = model_folder.weights_sha256(tmp_path)
    record = json.loads((tmp_path / "weights.json").read_text())
    (tmp_path / "weights.json").write_text(json.dumps(record | {"sha256": "remembered"}))
    assert model_folder.weights_sha256(tmp_path) == "remembered"
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert model_folder.weights_sha256(tmp_path) == hashlib.sha256(b"other").hexdigest() != first


def test_a_checkpoint_by_its_path_is_converted_beside_it_and_again_when_it_changes(
    tmp_path: Path, published: Path
) -> None:
    source = tmp_path / "ours.pt"
    source.write_bytes(published.read_bytes())
    _, version = load(str(source))
    assert version.weights == "ours"
    assert load(str(tmp_path / "ours"))[1] == version
    official = official_weights(official_shapes("sam2.1-tiny"))
    official["no_obj_ptr"] += 1
    torch.save({"model": official}, source)
    assert load(str(source))[1].weights_sha256 != version.weights_sha256


def test_a_folder_of_something_else_beside_a_checkpoint_is_left_alone(
    tmp_path: Path, published: Path
) -> None:
    source = tmp_path / "ours.pt"
    source.hardlink_to(published)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "thesis.tex").write_text("years of work")
    with pytest.raises(EngineError, match="holds something else"):
        load(str(source))
    assert (tmp_path / "ours" / "thesis.tex").exists()


def test_missing_weights_are_asked_for_by_file_and_by_command(models: Path) -> None:
    with pytest.raises(EngineError) as caught:
        load("sam2.1-large")
    sentence = str(caught.value)
    assert "python manage.py fetch_model sam2.1-large" in sentence
    assert (
        f"put sam2.1_hiera_large.pt from {configs.PUBLISHER}/092824/sam2.1_hiera_large.pt into {models}"
        in sentence
    )


def test_a_name_nobody_has_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(EngineError, match=r"'sam9' is neither a model \(sam2.1-tiny, "):
        load("sam9")


class Bomb:
    def __reduce__(self):
        return (Path("/nowhere/touched").touch, ())


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Not found</html>", pickle.dumps({"model": Bomb()}), pickle.dumps([1])],
    ids=["empty", "a web page", "a pickle that acts", "another pickle"],
)
def test_a_file_that_is_no_checkpoint_is_refused(models: Path, content: bytes) -> None:
    (models / TINY.file).write_bytes(content)
    with pytest.raises(EngineError, match="cannot be read as a SAM 2 checkpoint"):
        load("sam2.1-tiny")
    assert not (models / "sam2.1-tiny").exists()


def test_a_checkpoint_cut_short_is_refused_and_leaves_nothing(models: Path, published: Path) -> None:
    (models / TINY.file).write_bytes(published.read_bytes()[:-100_000])
    with pytest.raises(EngineError, match="delete it and fetch it again"):
        load("sam2.1-tiny")
    assert [path.name for path in models.iterdir()] == [TINY.file]


def test_another_models_checkpoint_under_this_name_is_refused(models: Path, published: Path) -> None:
    (models / RELEASES["sam2.1-small"].file).hardlink_to(published)
    with pytest.raises(EngineError, match=r"cannot be used\. The checkpoint lacks"):
        load("sam2.1-small")


def test_damaged_converted_weights_are_named(models: Path, published: Path) -> None:
    _place(published, models)
    load("sam2.1-tiny")
    weights = models / "sam2.1-tiny" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EngineError, match=r"model.safetensors is damaged .* Delete"):
        load("sam2.1-tiny")


def test_a_folder_without_weights_or_of_another_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"has no model\.safetensors"):
        load(str(tmp_path))
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(EngineError, match="another kind of model"):
        load(str(tmp_path))


@pytest.fixture
def publisher(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[http.server.BaseHTTPRequestHandler]]:
    """A server at the address of tiny's checkpoint. Its `missing` bytes are promised and not sent."""

    class Publisher(http.server.BaseHTTPRequestHandler):
        missing = 0
        asked: list[str] = []

        def do_GET(self) -> None:
            self.asked.append(self.path)
            content = published.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) - self.missing])

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{TINY.file}"
        monkeypatch.setitem(RELEASES, TINY.name, replace(TINY, url=address))
        yield Publisher
        server.shutdown()


def test_fetching_leaves_the_model_ready_and_fetches_once(
    models: Path, publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch.main(["sam2.1-tiny"]) == 0
    assert [path.name for path in models.iterdir()] == ["sam2.1-tiny"]
    digest = hashlib.sha256((models / "sam2.1-tiny" / "model.safetensors").read_bytes()).hexdigest()
    assert f"sha256 {digest}" in capsys.readouterr().out
    assert load("sam2.1-tiny")[1].weights_sha256 == digest
    assert fetch.main(["sam2.1-tiny"]) == 0
    assert publisher.asked == [f"/{TINY.file}"]


def test_a_download_that_breaks_off_leaves_nothing_and_says_so(
    models: Path, publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher.missing = 1000
    assert fetch.main(["sam2.1-tiny"]) == 1
    assert "Run the command again" in capsys.readouterr().err
    assert list(models.iterdir()) == []


def test_without_a_network_fetching_says_which_file_to_put_where(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(RELEASES, TINY.name, replace(TINY, url="http://127.0.0.1:9/none.pt"))
    assert fetch.main(["sam2.1-tiny"]) == 1
    assert f"put {TINY.file} into {models}" in capsys.readouterr().err


def test_a_file_that_was_put_there_is_made_ready_without_a_network(
    models: Path, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RELEASES, TINY.name, replace(TINY, url="http://127.0.0.1:9/none.pt"))
    _place(published, models)
    assert fetch.main(["sam2.1-tiny"]) == 0
    assert load("sam2.1-tiny")[1].weights == "sam2.1-tiny"
