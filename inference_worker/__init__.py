"""Workers that run a Segmenter on frames: no Django, no database password.

Everything that crosses the border to `annotator` is in `inference_worker.protocol`.
Import direction inside: tasks -> session_pool -> engines -> protocol.
"""
