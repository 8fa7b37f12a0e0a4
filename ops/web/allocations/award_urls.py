"""Addresses from the recommendation to the end of an award."""

from django.urls import path

from ops.web.allocations import awards, letters, outcomes, quota, usage
from ops.web.allocations.given_form import DecideAmounts, RecommendAmounts

urlpatterns = [
    path("calls/<int:pk>/recommendations/", outcomes.recommendations, name="call-recommendations"),
    path("calls/<int:pk>/recommendations/line/", outcomes.take_over_line, name="take-over-line"),
    path(
        "calls/<int:pk>/recommendations/<key:key>/amounts/",
        RecommendAmounts.as_view(),
        name="recommend-amounts",
    ),
    path("calls/<int:pk>/decisions/<key:key>/amounts/", DecideAmounts.as_view(), name="decide-amounts"),
    path("calls/<int:pk>/decisions/", outcomes.settle, name="call-decisions"),
    path("calls/<int:pk>/decisions/publish/", outcomes.publish, name="publish-results"),
    path("requests/<key:key>/settle/", outcomes.place, name="settle-request"),
    path("tickets/<key:key>/letter/", letters.letter, name="result-letter"),
    path("tickets/<key:key>/letter.pdf", letters.letter_pdf, name="result-letter-pdf"),
    path("awards/", awards.listing, name="awards"),
    path("awards/<key:key>/", awards.award, name="award"),
    path("awards/<key:key>/entry/", awards.WriteEntry.as_view(), name="award-entry"),
    path("awards/<key:key>/set-up/", awards.SetUp.as_view(), name="award-set-up"),
    path("entitlements/", awards.entitlements, name="entitlements"),
    path("entitlements/<str:username>/", awards.entitlements, name="entitlements-of"),
    path("usage/", usage.report, name="report-usage"),
    path("quotas/", quota.overview, name="quota"),
    path("quotas/check/", quota.check, name="quota-check"),
    path("quotas/write/", quota.write, name="quota-write"),
    path("quotas/read-back/", quota.read_back, name="quota-read-back"),
    path("quotas/<slug:way>.json", quota.document, name="quota-document"),
    path("quotas/<slug:way>/by-hand/", quota.by_hand, name="quota-by-hand"),
]
