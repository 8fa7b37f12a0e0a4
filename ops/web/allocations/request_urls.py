"""Addresses of calls, requests and reviews."""

from django.urls import path

from ops.web.allocations import assessments, boards, calls, committee, requests, reviews, writing

urlpatterns = [
    path("calls/", calls.listing, name="list-call"),
    path("calls/<int:pk>/set-up/", calls.set_up, name="set-up-call"),
    path("calls/<int:pk>/set-up/copy/", calls.copy, name="copy-call"),
    path(
        "calls/<int:pk>/set-up/offer/<int:offer_id>/commit/", calls.Commit.as_view(), name="commit-capacity"
    ),
    path("calls/<int:pk>/set-up/<slug:part>/", calls.EditPart.as_view(), name="new-part"),
    path("calls/<int:pk>/set-up/<slug:part>/<int:part_id>/", calls.EditPart.as_view(), name="edit-part"),
    path("calls/<int:pk>/set-up/<slug:part>/<int:part_id>/drop/", calls.drop, name="drop-part"),
    path("calls/<int:pk>/requests/", committee.requests, name="committee-requests"),
    path("calls/<int:pk>/requests/<key:key>/", committee.one, name="committee-request"),
    path("calls/<int:pk>/requests/<key:key>/files/<int:number>/", committee.file, name="committee-file"),
    path(
        "calls/<int:pk>/requests/<key:key>/conflict/",
        committee.DeclareConflict.as_view(),
        name="declare-conflict",
    ),
    path(
        "calls/<int:pk>/requests/<key:key>/conflict/take-back/",
        committee.take_back,
        name="take-back-conflict",
    ),
    path("calls/<int:pk>/load/", boards.load, name="call-load"),
    path("calls/<int:pk>/conflicts/", boards.conflicts, name="call-conflicts"),
    path(
        "calls/<int:pk>/conflicts/<int:conflict_id>/", boards.WaiveConflict.as_view(), name="waive-conflict"
    ),
    path("new/request/", requests.NewRequest.as_view(), name="new-request"),
    path("requests/mine/", requests.mine, name="my-requests"),
    path("requests/<key:key>/check/", writing.check, name="check-request"),
    path("requests/<key:key>/write/<slug:section>/", writing.WriteSection.as_view(), name="write-request"),
    path("requests/<key:key>/files/<int:file_id>/take-off/", writing.remove_file, name="take-off-file"),
    path("requests/<key:key>/versions/<int:number>/", requests.version, name="request-version"),
    path("requests/<key:key>/assess/", assessments.AssessRequest.as_view(), name="assess-request"),
    path("reviews/", reviews.mine, name="list-review"),
    path("reviews/<int:pk>/", reviews.WriteReview.as_view(), {"kind": "review"}, name="review"),
]
