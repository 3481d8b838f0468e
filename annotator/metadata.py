"""Videos' metadata from a CSV file: a header line, then a row per file."""

from __future__ import annotations

import csv
import io
from typing import Any

from annotator.errors import NotPossible
from annotator.models import Video
from annotator.models.videos import METADATA

_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0", ""}


def read_csv(text: str) -> dict[str, dict[str, Any]]:
    """Fields of Video by file name. Raises NotPossible, naming the line, for what cannot be understood.

    Columns: filename, and any of Video's metadata; tags are separated by semicolons.
    """
    rows = csv.DictReader(io.StringIO(text))
    columns = [name.strip() for name in rows.fieldnames or []]
    unknown = [name for name in columns if name not in ("filename", *METADATA)]
    if "filename" not in columns or unknown:
        what = f"the column {unknown[0]} is not known" if unknown else "the column filename is missing"
        raise NotPossible(
            f"In the first line {what}. Known are: filename, {', '.join(METADATA)}.", code="bad_csv"
        )
    rows.fieldnames = columns
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = (row["filename"] or "").strip()
        if not name or name in found:
            what = "has no filename" if not name else f"names {name} a second time"
            raise NotPossible(f"Line {rows.line_num} {what}.", code="bad_csv")
        found[name] = _fields(row, rows.line_num)
    return found


def _fields(row: dict[str, Any], line: int) -> dict[str, Any]:
    given = {name: (value or "").strip() for name, value in row.items() if name in METADATA}
    fields: dict[str, Any] = {name: value for name, value in given.items() if value}
    if "environment" in fields and fields["environment"] not in Video.Environment.values:
        raise NotPossible(
            f"Line {line}: environment is Indoor or Outdoor, not {fields['environment']}.", code="bad_csv"
        )
    if "objectionable" in given:
        word = given["objectionable"].lower()
        if word not in _TRUE | _FALSE:
            raise NotPossible(f"Line {line}: objectionable is true or false, not {word}.", code="bad_csv")
        fields["objectionable"] = word in _TRUE
    if "tags" in fields:
        fields["tags"] = [tag.strip() for tag in fields["tags"].split(";") if tag.strip()]
    return fields
