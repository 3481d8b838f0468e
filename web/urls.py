from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from web.views import Page, Password, SignIn

app_name = "web"

urlpatterns = [
    path("", Page.as_view(template_name="web/home.html"), name="home"),
    path("sign-in", SignIn.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("me/password", Password.as_view(), name="password"),
    path("me", Page.as_view(template_name="web/tokens.html"), name="me"),
    path("projects/<slug:slug>", Page.as_view(template_name="web/library.html"), name="library"),
    path("projects/<slug:slug>/work", Page.as_view(template_name="web/work.html"), name="work"),
    path("projects/<slug:slug>/queue", Page.as_view(template_name="web/queue.html"), name="queue"),
    path("projects/<slug:slug>/comments", Page.as_view(template_name="web/comments.html"), name="comments"),
    path("projects/<slug:slug>/reviews", Page.as_view(template_name="web/reviews.html"), name="reviews"),
    path(
        "projects/<slug:slug>/reviews/next",
        Page.as_view(template_name="web/review.html", extra_context={"pull": "next"}),
        name="review-next",
    ),
    path(
        "projects/<slug:slug>/reviews/batch",
        Page.as_view(template_name="web/review.html", extra_context={"pull": "batch"}),
        name="review-batch",
    ),
    path("projects/<slug:slug>/numbers", Page.as_view(template_name="web/numbers.html"), name="numbers"),
    *(
        path(
            f"projects/<slug:slug>/numbers/{of}",
            Page.as_view(template_name="web/numbers_rows.html", extra_context={"of": of}),
            name=f"numbers-{of}",
        )
        for of in ("masklets", "videos", "verdicts", "cases")
    ),
    path("projects/<slug:slug>/auto", Page.as_view(template_name="web/auto_runs.html"), name="auto-runs"),
    path("projects/<slug:slug>/exports", Page.as_view(template_name="web/exports.html"), name="exports"),
    path("projects/<slug:slug>/settings", Page.as_view(template_name="web/settings.html"), name="settings"),
    path("projects/<slug:slug>/verifier", Page.as_view(template_name="web/verifier.html"), name="verifier"),
    path("projects/<slug:slug>/me", Page.as_view(template_name="web/scorecard.html"), name="scorecard"),
    path("projects/<slug:slug>/people", Page.as_view(template_name="web/people.html"), name="people"),
    path(
        "projects/<slug:slug>/people/<str:person>",
        Page.as_view(template_name="web/scorecard.html"),
        name="person",
    ),
    path(
        "projects/<slug:slug>/consensus", Page.as_view(template_name="web/consensus.html"), name="consensus"
    ),
    path("gold-scores/<str:score>", Page.as_view(template_name="web/gold_score.html"), name="gold-score"),
    path("videos/<str:video>", Page.as_view(template_name="web/video.html"), name="video"),
    path("videos/<str:video>/annotate", Page.as_view(template_name="web/editor.html"), name="annotate"),
    path(
        "masklets/<str:masklet>",
        Page.as_view(template_name="web/review.html", extra_context={"pull": "look"}),
        name="masklet",
    ),
    path("masklets/<str:masklet>/review", Page.as_view(template_name="web/review.html"), name="review"),
]
