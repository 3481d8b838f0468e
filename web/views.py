"""Pages are shells: an address, a title and the ids in it. What they show comes through the API."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import TemplateView


# The scripts send the token from the cookie, so each page must have set it.
@method_decorator(ensure_csrf_cookie, name="dispatch")
class Page(LoginRequiredMixin, TemplateView):
    """One signed-in page; the ids of its address are its template's context."""

    http_method_names = ["get", "head"]


class SignIn(LoginView):
    template_name = "web/signin.html"
    redirect_authenticated_user = True


class Password(PasswordChangeView):
    template_name = "web/password.html"

    def get_success_url(self) -> str:
        return f"{reverse('web:me')}?changed=password"
