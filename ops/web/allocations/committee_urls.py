"""Addresses of the committee's pages of a call: reviewers, wishes, panel, the line, figures."""

from django.urls import path

from ops.web.allocations import assignment, discussion, figures, line, panel, presence, wishes

urlpatterns = [
    path("calls/<int:pk>/reviewers/", assignment.reviewers, name="call-reviewers"),
    path("calls/<int:pk>/reviewers/match/", assignment.match, name="match-reviewers"),
    path("calls/<int:pk>/reviewers/hand-out/", assignment.hand_out, name="hand-out-reviews"),
    path("calls/<int:pk>/reviewers/<key:key>/add/", assignment.AddReviewer.as_view(), name="add-reviewer"),
    path(
        "calls/<int:pk>/reviewers/take-out/<int:pairing_id>/", assignment.take_out, name="take-out-reviewer"
    ),
    path("calls/<int:pk>/wishes/", wishes.wishes, name="call-wishes"),
    path("calls/<int:pk>/wishes/expertise/", wishes.expertise, name="say-expertise"),
    path("calls/<int:pk>/wishes/<key:key>/", wishes.wish, name="say-wish"),
    path("calls/<int:pk>/panel/", panel.panel, name="call-panel"),
    path("calls/<int:pk>/panel/compare/", panel.compare, name="compare-scores"),
    path("calls/<int:pk>/panel/presence/", presence.presence, name="note-presence"),
    path("calls/<int:pk>/panel/<key:key>/", discussion.discussion, name="call-discussion"),
    path("calls/<int:pk>/panel/<key:key>/note/", discussion.WriteNote.as_view(), name="write-note"),
    path("calls/<int:pk>/panel/<key:key>/turn/", discussion.turn, name="set-turn"),
    path("calls/<int:pk>/line/", line.line, name="call-line"),
    path("calls/<int:pk>/line/draw/", line.draw, name="draw-line"),
    path("calls/<int:pk>/line/adjust/<int:place_id>/", line.AdjustPlace.as_view(), name="adjust-line"),
    path("calls/<int:pk>/figures/", figures.figures, name="call-figures"),
    path("calls/<int:pk>/figures.csv", figures.figures_csv, name="call-figures-csv"),
]
