"""People at work: the managers' list, a person's scorecard, and promotion."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, member_for, project_for, steers
from annotator.errors import AnnotatorError
from annotator.models import Membership
from annotator.permissions import Act
from annotator.selectors import people as selector
from annotator.services import training
from annotator.shapes.people import PersonRowShape, ScorecardShape

DAYS, MOST_DAYS, MOST_SCORES = 30, 3650, 200
_DAYS = OpenApiParameter("days", int, description=f"How far back to look, {DAYS} unless told.")


@extend_schema(parameters=[_DAYS])
class PeopleListView(ListView):
    serializer_class = PersonRowShape
    queryset = Membership.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return selector.members(project_for(self.request, self.kwargs["slug"], Act.STEER))

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        found = super().paginate_queryset(queryset) or []
        return selector.rows(found, _since(_days(self.request)), blind=False)


class ScorecardView(APIView):
    @extend_schema(parameters=[_DAYS], responses=ScorecardShape)
    def get(self, request: Request, slug: str, username: str) -> Response:
        member = member_for(request, slug, username)
        days, blind = _days(request), not steers(request, member.project)
        since, user = _since(days), member.user_id
        card = selector.rows([member], since, blind=blind)[0]
        card["days"] = days
        card["gold_scores"] = selector.gold_scores(member.project, user, blind=blind)[:MOST_SCORES]
        card["skip_reasons"] = selector.skip_reasons(member.project, user, since)
        return Response(ScorecardShape(card).data)


class PromotionView(APIView):
    @extend_schema(request=None, responses=PersonRowShape)
    def post(self, request: Request, slug: str, username: str) -> Response:
        member = member_for(request, slug, username, Act.STEER)
        training.promote(membership=member, by=request.user)
        return _answer(request, member)

    @extend_schema(responses=PersonRowShape)
    def delete(self, request: Request, slug: str, username: str) -> Response:
        member = member_for(request, slug, username, Act.STEER)
        training.demote(membership=member, by=request.user)
        return _answer(request, member)


def _answer(request: Request, member: Membership) -> Response:
    now = selector.members(member.project).filter(pk=member.pk)
    return Response(PersonRowShape(selector.rows(list(now), _since(_days(request)), blind=False)[0]).data)


def _days(request: Request) -> int:
    asked = request.query_params.get("days", str(DAYS))
    if not asked.isdecimal() or len(asked) > 4 or not 1 <= int(asked) <= MOST_DAYS:
        raise AnnotatorError(f"days must be a number from 1 to {MOST_DAYS}.")
    return int(asked)


def _since(days: int):  # type: ignore[no-untyped-def]
    return timezone.now() - timedelta(days=days)
