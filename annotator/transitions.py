"""The one way a row changes its state: a conditional update, so that only one of two racers wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from annotator.errors import IllegalTransition


def move(instance: models.Model, to: str, table: Mapping[Any, frozenset[Any]], **fields: Any) -> None:
    """Set `instance.state` to `to`, with `fields`, if the row's present state allows it.

    table: state -> the states it may be reached from. The row in the database decides, not the
    instance in memory. Raises IllegalTransition (409) with the row's present state.
    """
    rows = type(instance)._default_manager.filter(pk=instance.pk, state__in=table[to])
    if not rows.update(state=to, **fields):
        instance.refresh_from_db(fields=["state"])
        present: str = instance.state  # type: ignore[attr-defined]
        raise IllegalTransition(
            f"This {instance._meta.verbose_name} is {str(present).replace('_', ' ')}: it cannot become "
            f"{to.replace('_', ' ')}. Reload to see its present state.",
            state=present,
        )
    for name, value in {"state": to, **fields}.items():
        setattr(instance, name, value)
