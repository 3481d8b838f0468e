"""Tables as files for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(lines: Sequence[Mapping[str, Any]], names: Sequence[str] = (), *, head: bool = True) -> str:
    """Lines as CSV with a head: the names, by default those that occur. Texts that a spreadsheet would take
    for a formula get an apostrophe first."""
    out = io.StringIO()
    names = names or list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.writer(out)
    if head:
        writer.writerow(names)
    for line in lines:
        writer.writerow([_cell(line.get(name)) for name in names])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
