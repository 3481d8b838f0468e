from __future__ import annotations

from django.urls import path, re_path

from annotator.api import (
    errors,
    events,
    exports,
    masklets,
    media,
    people,
    projects,
    propagations,
    reviews,
    sessions,
    uploads,
    videos,
)

_S = "sessions/<int:session_id>"
_M = f"{_S}/masklets/<int:masklet_id>"
_V = "videos/<int:video_id>"
_P = "projects/<slug:slug>"

urlpatterns = [
    path("auth/token", people.TokenView.as_view()),
    path("people", people.PeopleView.as_view()),
    path("me", people.MeView.as_view()),
    path("me/tokens", people.MyTokensView.as_view()),
    path("me/tokens/<int:token_id>", people.MyTokenView.as_view()),
    path("projects", projects.ProjectsView.as_view()),
    path(_P, projects.ProjectView.as_view()),
    path(f"{_P}/members", projects.MembersView.as_view()),
    path(f"{_P}/members/<str:username>", projects.MemberView.as_view()),
    path(f"{_P}/uploads", uploads.UploadsView.as_view()),
    path(f"{_P}/videos", videos.VideosView.as_view()),
    path(f"{_P}/reviews", reviews.ReviewsView.as_view()),
    path(f"{_P}/work", reviews.WorkView.as_view()),
    path(f"{_P}/exports", exports.ExportsView.as_view()),
    path("uploads/<uuid:upload_id>", uploads.UploadView.as_view()),
    path(_V, videos.VideoView.as_view()),
    path(f"{_V}/ingest", videos.IngestView.as_view()),
    path(f"{_V}/frame-table", videos.FrameTableView.as_view()),
    path(f"{_V}/frames/<int:frame_index>.jpg", media.FrameView.as_view()),
    path(f"{_V}/poster.jpg", media.PictureView.as_view(), {"picture": "poster"}),
    path(f"{_V}/filmstrip.jpg", media.PictureView.as_view(), {"picture": "filmstrip"}),
    path(f"{_V}/working.mp4", media.WorkingView.as_view()),
    path(f"{_V}/masklets", masklets.VideoMaskletsView.as_view()),
    path(f"{_V}/sessions", sessions.AnnotateView.as_view()),
    path("masklets/<int:masklet_id>", masklets.MaskletView.as_view()),
    path("masklets/<int:masklet_id>/masks", masklets.MasksView.as_view()),
    path("masklets/<int:masklet_id>/sessions", sessions.VerifyView.as_view()),
    path(_S, sessions.SessionView.as_view()),
    path(f"{_S}/events", events.session_events),
    path(f"{_S}/heartbeat", sessions.HeartbeatView.as_view()),
    path(f"{_S}/close", sessions.CloseView.as_view()),
    path(f"{_S}/submit", sessions.SubmitView.as_view()),
    path(f"{_S}/verdict", sessions.VerdictView.as_view()),
    path(f"{_S}/masklets", masklets.MaskletsView.as_view()),
    path(_M, masklets.MaskletWorkView.as_view()),
    path(f"{_M}/restore", masklets.RestoreView.as_view()),
    path(f"{_M}/prompts", masklets.PromptsView.as_view()),
    path(f"{_M}/prompts/<int:prompt_id>/remove", masklets.RemovePromptView.as_view()),
    path(f"{_M}/accept", masklets.AcceptView.as_view()),
    path(f"{_M}/absent", masklets.AbsentView.as_view()),
    path(f"{_M}/clear", masklets.ClearView.as_view()),
    path(f"{_M}/undo", masklets.UndoView.as_view()),
    path(f"{_M}/redo", masklets.RedoView.as_view()),
    path(f"{_S}/propagations", propagations.PropagationsView.as_view()),
    path(f"{_S}/propagations/<int:propagation_id>/stop", propagations.StopView.as_view()),
    path("exports/<int:export_id>", exports.ExportView.as_view()),
    path("exports/<int:export_id>/download", media.DownloadView.as_view()),
    re_path("", errors.unknown_address),
]
