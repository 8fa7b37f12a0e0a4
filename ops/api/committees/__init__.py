"""What the API says of committees beside the records themselves."""

from django.urls import URLPattern, URLResolver

from ops.api.committees import feedback, meetings, members, reports

urlpatterns: list[URLPattern | URLResolver] = [
    *reports.urlpatterns,
    *feedback.urlpatterns,
    *members.urlpatterns,
    *meetings.urlpatterns,
]
