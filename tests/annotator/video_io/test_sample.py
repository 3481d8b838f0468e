from __future__ import annotations

import av
import numpy as np
import pytest

from annotator.video_io.ingest import ingest_file
from annotator.video_io.limits import Limits
from annotator.video_io.sample import render
from inference_worker.protocol import rle


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "sample.mp4"
    return path, render(path)


def areas(sample, name: str) -> np.ndarray:
    truth = sample[1]
    return np.array([rle.area(counts, truth.height, truth.width) for counts in truth.masks[name]])


def test_the_sample_maps_one_to_one(sample, tmp_path):
    path, truth = sample

    result = ingest_file(path, tmp_path / "out", stride=4, limits=Limits())

    assert (result.width, result.height, result.frame_count) == (truth.width, truth.height, truth.frame_count)
    assert len(set(result.source_pts)) == truth.frame_count == 145
    assert not result.probe.variable_rate
    assert result.decode_faults == []
    assert all(len(masks) == truth.frame_count for masks in truth.masks.values())


def gaps(present: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[True], present, [True]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def test_an_object_is_wholly_hidden_and_comes_back(sample):
    [(start, end)] = gaps(areas(sample, "blimp") > 0)

    assert end - start >= 8, "hidden on at least two annotated frames"
    assert 0 < start < end < 144


def test_an_object_leaves_and_returns(sample):
    [(start, end)] = gaps(areas(sample, "glider") > 0)

    assert end - start >= 8
    _, truth = sample
    for edge in (start - 1, end):
        mask = rle.decode(truth.masks["glider"][edge], truth.height, truth.width)
        assert mask[:, -1].any(), "it goes and comes over the right border"


def test_two_objects_cross(sample):
    blue, red = areas(sample, "blue_balloon"), areas(sample, "red_balloon")

    assert blue.min() < 0.5 * blue[0]
    assert red.min() > 0.7 * red[0]
    assert (blue > 0).all()


def test_no_pixel_belongs_to_two_objects(sample):
    _, truth = sample
    for index in range(0, truth.frame_count, 12):
        masks = [rle.decode(counts[index], truth.height, truth.width) for counts in truth.masks.values()]
        assert np.sum(masks, axis=0).max() == 1


def test_masks_lie_on_the_objects_seen(sample):
    path, truth = sample
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    for index in (0, 50, 100, 144):
        mask = rle.decode(truth.masks["red_balloon"][index], truth.height, truth.width)
        warm = pictures[index][..., 0] - pictures[index][..., 2]
        rows = slice(0, np.flatnonzero(mask.any(1))[0] + 20)  # its crown, where nothing but sky is behind
        crown = warm[rows][mask[rows]]
        assert (crown > 60).mean() > 0.9
    assert np.abs(pictures[0] - pictures[4]).mean() > 2, "the background moves"


def test_rendering_again_gives_the_same(sample, tmp_path):
    path, truth = sample

    assert render(tmp_path / "again.mp4") == truth
    assert (tmp_path / "again.mp4").read_bytes() == path.read_bytes()
