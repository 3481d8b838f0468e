from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination


class _DescribedPages(Paginator):
    """Describes the rows of the page only, and passes over those before it by their keys."""

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        if self.count == 0:  # no index leads to nothing: a second look would take as long as the first
            return Page(rows.none(), number, self)
        keys = rows.values("pk")[first : first + self.per_page]
        return Page(rows.filter(pk__in=keys), number, self)


class Pages(PageNumberPagination):
    django_paginator_class = _DescribedPages
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
