"""Lists of any length as files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework import serializers

from annotator.shapes.tables import as_csv

CHUNK = 500
HEAVY_CHUNK = 20  # of rows that bring all masks of a masklet with them


def download(rows: QuerySet[Any], shape: serializers.BaseSerializer[Any], name: str) -> HttpResponseBase:
    """The rows in this form, each a line of a CSV file of that name, streamed."""
    names = list(shape.fields)  # type: ignore[attr-defined]

    def text(found: Sequence[Any]) -> str:
        return as_csv([shape.to_representation(row) for row in found], names, head=False)

    return _file(_pieces(rows, text, CHUNK, head=as_csv([], names)), "text/csv", name)


def download_json_lines(
    rows: QuerySet[Any], lines: Callable[[Sequence[Any]], Iterable[Mapping[str, Any]]], name: str
) -> HttpResponseBase:
    """What `lines` makes of some rows at a time, each a JSON object on a line of its own, streamed."""

    def text(found: Sequence[Any]) -> str:
        return "".join(f"{json.dumps(line)}\n" for line in lines(found))

    return _file(_pieces(rows, text, HEAVY_CHUNK), "application/x-ndjson", name)


def _file(pieces: AsyncIterator[str], kind: str, name: str) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8", headers=headers)


async def _pieces(
    rows: QuerySet[Any], text: Callable[[Sequence[Any]], str], most: int, head: str = ""
) -> AsyncIterator[str]:
    """From the highest key down, some at a time: a list of any length takes the memory of one chunk, and
    no transaction lasts as long as a slow download."""
    yield head

    def piece(below: int | None) -> tuple[str, int | None]:
        further = rows if below is None else rows.filter(pk__lt=below)
        found = list(further.order_by("-pk")[:most])
        return (text(found), found[-1].pk) if found else ("", None)

    written, last = await sync_to_async(piece)(None)
    while last is not None:
        yield written
        written, last = await sync_to_async(piece)(last)
