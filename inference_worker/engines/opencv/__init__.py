"""The engine without weights: GrabCut for prompts, optical flow and nearest neighbours for tracking. CPU only."""

from __future__ import annotations

from inference_worker.engines.opencv.tracker import OpenCVSegmenter

__all__ = ["OpenCVSegmenter"]
