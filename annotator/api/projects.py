from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import Request, body, project_for
from annotator.api.protocol import ProtocolBody, SkillsField
from annotator.errors import NotAllowed
from annotator.models import Membership, Project
from annotator.permissions import Act
from annotator.selectors import projects as selector
from annotator.services import projects
from annotator.shapes.projects import PROTOCOL, SETTINGS, MemberShape, ProjectShape


class ProjectSettings(ProtocolBody):
    # A text such as "nan" reads as a float, and passes every limit.
    max_duration_s = serializers.FloatField(required=False, min_value=0.01, max_value=86_400)

    class Meta:
        model = Project
        fields = [*SETTINGS, *PROTOCOL]


class NewProject(ProjectSettings):
    slug = serializers.SlugField(max_length=50, required=False)

    class Meta(ProjectSettings.Meta):
        fields = [*SETTINGS, *PROTOCOL, "slug"]


class MemberBody(serializers.Serializer):
    role = serializers.ChoiceField(Membership.Role.choices, required=False)
    queue = serializers.ChoiceField(Membership.Queue.choices, required=False)
    skills = SkillsField(required=False)


class ProjectsView(APIView):
    @extend_schema(responses=ProjectShape(many=True))
    def get(self, request: Request) -> Response:
        return Response(ProjectShape(selector.of_user(request.user), many=True).data)

    @extend_schema(request=NewProject, responses={201: ProjectShape})
    def post(self, request: Request) -> Response:
        if not request.user.is_staff:
            raise NotAllowed("Only staff can make projects. Ask an administrator.")
        project = projects.create(owner=request.user, **body(NewProject, request))
        return Response(_shape(request, project), status=201)


class ProjectView(APIView):
    @extend_schema(responses=ProjectShape)
    def get(self, request: Request, slug: str) -> Response:
        return Response(_shape(request, project_for(request, slug, Act.SEE)))

    @extend_schema(request=ProjectSettings, responses=ProjectShape)
    def patch(self, request: Request, slug: str) -> Response:
        steers = isinstance(request.data, dict) and set(request.data) <= {*PROTOCOL}
        project = project_for(request, slug, Act.STEER if steers else Act.ADMINISTER)
        projects.edit(project=project, **body(ProjectSettings, request, instance=project, partial=True))
        return Response(_shape(request, project))


class MembersView(APIView):
    @extend_schema(responses=MemberShape(many=True))
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(request, slug, Act.SEE_MEMBERS)
        members = project.memberships.select_related("user").order_by("user__username")
        return Response(MemberShape(members, many=True).data)


class MemberView(APIView):
    @extend_schema(request=MemberBody, responses=MemberShape)
    def put(self, request: Request, slug: str, username: str) -> Response:
        data = body(MemberBody, request)
        project = project_for(request, slug, Act.ADMINISTER if "role" in data else Act.STEER)
        member = projects.set_member(project=project, username=username, **data)
        return Response(MemberShape(member).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        projects.remove_member(project=project_for(request, slug, Act.ADMINISTER), username=username)
        return Response(status=204)


def _shape(request: Request, project: Project) -> dict:
    return ProjectShape(selector.of_user(request.user).get(pk=project.pk)).data
