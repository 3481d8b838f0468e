"""Image features per frame, shared by all objects, all trackers of a video and every later click."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import torch
from torch import Tensor

from inference_worker.engines.sam2.model import Features

Key = tuple[Hashable, int]  # video, frame index


class FeatureCache:
    """Least recently used last out: from the device to the host, from there to being computed again.

    device_bytes, host_bytes: what each tier may hold; where the device is the host there is one tier.
    encoder_calls: how often features were computed. May be used by several threads.
    """

    def __init__(self, device: torch.device, device_bytes: int, host_bytes: int) -> None:
        self.encoder_calls = 0
        self._device = device
        self._on_device = _Tier(device_bytes)
        self._on_host = _Tier(host_bytes if device.type != "cpu" else 0)
        self._lock = threading.RLock()

    @property
    def nbytes(self) -> int:
        """Host and device memory together."""
        with self._lock:
            return self._on_device.nbytes + self._on_host.nbytes

    def get(self, key: Key, compute: Callable[[], Features]) -> Features:
        """The features of a frame, on the device; `compute` is called when no tier has them."""
        with self._lock:
            found = self._on_device.get(key)
            if found is not None:
                return found
            kept = self._on_host.pop(key)
        if kept is not None:
            found = Features(*(part.to(self._device, non_blocking=True) for part in _parts(kept)))
        else:
            found = compute()
        with self._lock:
            self.encoder_calls += kept is None
            self._keep(key, found)
        return found

    def clear(self) -> None:
        with self._lock:
            self._on_device.clear()
            self._on_host.clear()

    def _keep(self, key: Key, features: Features) -> None:
        for evicted, old in self._on_device.put(key, features):
            if self._on_host.max_bytes >= old.nbytes:
                self._on_host.put(evicted, Features(*(_to_host(part) for part in _parts(old))))


class _Tier:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.nbytes = 0
        self._kept: OrderedDict[Key, Features] = OrderedDict()

    def get(self, key: Key) -> Features | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def pop(self, key: Key) -> Features | None:
        features = self._kept.pop(key, None)
        self.nbytes -= features.nbytes if features else 0
        return features

    def put(self, key: Key, features: Features) -> list[tuple[Key, Features]]:
        """What had to go. The newest stays whatever its size, it is in use."""
        self.pop(key)
        self._kept[key] = features
        self.nbytes += features.nbytes
        evicted = []
        while self.nbytes > self.max_bytes and len(self._kept) > 1:
            oldest, old = self._kept.popitem(last=False)
            self.nbytes -= old.nbytes
            evicted.append((oldest, old))
        return evicted

    def clear(self) -> None:
        self._kept.clear()
        self.nbytes = 0


def _parts(features: Features) -> tuple[Tensor, Tensor, Tensor]:
    return features.low, features.half, features.fine


def _to_host(part: Tensor) -> Tensor:
    # Pinned, so that neither the way out nor the way back makes the host wait for the device.
    return torch.empty_like(part, device="cpu", pin_memory=True).copy_(part, non_blocking=True)
