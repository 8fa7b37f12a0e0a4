"""What the API says of acceptance testing beside the records themselves."""

from django.urls import URLPattern, URLResolver

from ops.api.acceptance import attempts, case_files, plan, results, testers

urlpatterns: list[URLPattern | URLResolver] = [
    *case_files.urlpatterns,
    *plan.urlpatterns,
    *testers.urlpatterns,
    *results.urlpatterns,
    *attempts.urlpatterns,
]
