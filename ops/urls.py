"""Where every address leads."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("ops.health.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("ops.api.urls")),
    path("", include("ops.web.urls")),
]

handler400 = "ops.web.errors.bad_request"
handler403 = "ops.web.errors.permission_denied"
handler404 = "ops.web.errors.page_not_found"
handler500 = "ops.web.errors.server_error"
