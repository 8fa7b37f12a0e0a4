"""Addresses of the pages of resource allocation."""

from django.urls import URLPattern, URLResolver

from ops.web.allocations import award_urls, committee_urls, request_urls

urlpatterns: list[URLPattern | URLResolver] = [
    *request_urls.urlpatterns,
    *award_urls.urlpatterns,
    *committee_urls.urlpatterns,
]
