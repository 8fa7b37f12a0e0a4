"""What the API says of resource allocation beside the records themselves."""

from django.urls import URLPattern, URLResolver

from ops.api.allocations import awards, conflicts, outcomes, requests

urlpatterns: list[URLPattern | URLResolver] = [
    *awards.urlpatterns,
    *conflicts.urlpatterns,
    *outcomes.urlpatterns,
    *requests.urlpatterns,
]
