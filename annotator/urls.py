from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from annotator.api.health import healthz

handler500 = "annotator.api.errors.failed"
urlpatterns = [
    path("healthz", healthz),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/", include("annotator.api.urls")),
    path("", include("web.urls")),
]
