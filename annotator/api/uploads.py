from __future__ import annotations

import re
import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import Request, body, project_for, upload_for
from annotator.errors import AnnotatorError
from annotator.permissions import Act
from annotator.services import uploads
from annotator.shapes import videos as shapes
from annotator.shapes.videos import MetadataShape, UploadShape


class RawParser(BaseParser):
    """The part's bytes as they are."""

    media_type = "application/offset+octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(uploads.MAX_PART + 1)


class NewUpload(serializers.Serializer):
    filename = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=0)
    sha256 = serializers.RegexField(
        re.compile(r"\A[0-9a-fA-F]{64}\Z"), required=False, allow_blank=True, default=""
    )
    metadata = MetadataShape(required=False)


class UploadsView(APIView):
    @extend_schema(request=NewUpload, responses={201: UploadShape})
    def post(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.UPLOAD)
        upload = uploads.begin(project=project, user=request.user, **body(NewUpload, request))
        return Response(shapes.upload(upload), status=201)


class UploadView(APIView):
    parser_classes = [RawParser, JSONParser]

    @extend_schema(responses=UploadShape)
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        return Response(shapes.upload(upload_for(request, upload_id)))

    @extend_schema(
        request={RawParser.media_type: OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True)],
        responses=UploadShape,
    )
    def patch(self, request: Request, upload_id: uuid.UUID) -> Response:
        upload = upload_for(request, upload_id)
        offset = request.headers.get("Upload-Offset", "")
        if not offset.isascii() or not offset.isdigit() or len(offset) > 18:
            raise AnnotatorError("Say in the header Upload-Offset where these bytes begin.")
        part: Any = request.data
        if not isinstance(part, bytes):
            raise AnnotatorError(f"Send the bytes as {RawParser.media_type}.")
        return Response(shapes.upload(uploads.append(upload=upload, offset=int(offset), part=part)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        uploads.cancel(upload=upload_for(request, upload_id))
        return Response(status=204)
