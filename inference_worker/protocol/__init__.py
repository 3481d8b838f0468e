"""What the annotator and the inference workers share: messages, RLE, metrics, simulated clicks.

Imports neither Django, Celery, torch nor the rest of the worker.
"""
