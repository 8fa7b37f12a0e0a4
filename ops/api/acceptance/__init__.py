"""What the API says of acceptance testing beside the records themselves."""

from django.urls import URLPattern, URLResolver

from ops.api.acceptance import plan, results

urlpatterns: list[URLPattern | URLResolver] = [*plan.urlpatterns, *results.urlpatterns]
