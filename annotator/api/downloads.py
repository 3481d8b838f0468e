"""Lists of any length as files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework import serializers

from annotator.shapes.tables import as_csv

CHUNK = 500


def download(rows: QuerySet[Any], shape: serializers.BaseSerializer[Any], name: str) -> HttpResponseBase:
    """The rows in this form, each a line of a CSV file of that name, streamed."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_lines(rows, shape), content_type="text/csv; charset=utf-8", headers=headers)


async def _lines(rows: QuerySet[Any], shape: Any) -> AsyncIterator[str]:
    """From the highest key down, some at a time: a list of any length takes the memory of one chunk, and
    no transaction lasts as long as a slow download."""
    names = list(shape.fields)
    yield as_csv([], names)

    def chunk(below: int | None) -> list[Any]:
        further = rows if below is None else rows.filter(pk__lt=below)
        return list(further.order_by("-pk")[:CHUNK])

    last: int | None = None
    while found := await sync_to_async(chunk)(last):
        last = found[-1].pk
        yield as_csv([shape.to_representation(row) for row in found], names, head=False)
