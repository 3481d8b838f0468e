"""Who is signed in, and their tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotator.api.base import Request, body
from annotator.errors import NotAllowed, NotThere
from annotator.models import ApiToken, User
from annotator.services import users
from annotator.shapes.projects import MeShape, PersonShape


class NewToken(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)
    name = serializers.CharField(max_length=100, default="API")


class TokenName(serializers.Serializer):
    name = serializers.CharField(max_length=100, default="API")


class TokenOnce(serializers.Serializer):
    token = serializers.CharField()


class SignInThrottle(ScopedRateThrottle):
    """Counts by the address that the server sees: a header from outside would make a new one at will."""

    def get_ident(self, request: Any) -> str:
        return request.META.get("REMOTE_ADDR", "")


class TokenView(APIView):
    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]
    throttle_scope = "sign-in"

    @extend_schema(request=NewToken, responses={201: TokenOnce})
    def post(self, request: Request) -> Response:
        data = body(NewToken, request)
        user = authenticate(request, username=data["username"], password=data["password"])
        if not isinstance(user, User):
            raise AuthenticationFailed("This name and password do not fit together.")
        return Response({"token": users.make_token(user=user, name=data["name"])}, status=201)

    def get_authenticate_header(self, request: Any) -> str:
        """What makes a wrong password 401: without authenticators, it would be 403."""
        return "Token"


class NewPerson(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, max_length=1000)


class PeopleView(APIView):
    @extend_schema(request=NewPerson, responses={201: PersonShape})
    def post(self, request: Request) -> Response:
        if not request.user.is_staff:
            raise NotAllowed("Only staff can add people. Ask an administrator.")
        return Response(PersonShape(users.add(**body(NewPerson, request))).data, status=201)


class MeView(APIView):
    @extend_schema(responses=MeShape)
    def get(self, request: Request) -> Response:
        user = User.objects.prefetch_related("memberships__project", "api_tokens").get(pk=request.user.pk)
        return Response(MeShape(user).data)


class MyTokensView(APIView):
    @extend_schema(request=TokenName, responses={201: TokenOnce})
    def post(self, request: Request) -> Response:
        name = body(TokenName, request)["name"]
        return Response({"token": users.make_token(user=request.user, name=name)}, status=201)


class MyTokenView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        if not ApiToken.objects.filter(pk=token_id, user=request.user).delete()[0]:
            raise NotThere("This token is gone already.")
        return Response(status=204)
