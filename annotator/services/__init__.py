"""What may happen: verbs that write. Keyword-only, one transaction each, events on commit.

HTTP views, Celery tasks and management commands are thin callers of these.
"""
