from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ListView, Request, body, export_for, project_for
from annotator.models import Export
from annotator.permissions import Act
from annotator.services import exports
from annotator.shapes.exports import ExportShape


class NewExport(serializers.Serializer):
    format = serializers.ChoiceField(Export.Format.choices)


class ExportsView(ListView):
    serializer_class = ExportShape
    queryset = Export.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]
        project = project_for(self.request, self.kwargs["slug"], Act.EXPORT)
        return Export.objects.filter(project=project).select_related("requested_by").order_by("-id")

    @extend_schema(request=NewExport, responses={201: ExportShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.EXPORT)
        export = exports.request(project=project, user=request.user, **body(NewExport, request))
        return Response(ExportShape(export).data, status=201)


class ExportView(APIView):
    @extend_schema(responses=ExportShape)
    def get(self, request: Request, export_id: int) -> Response:
        return Response(ExportShape(export_for(request, export_id)).data)
