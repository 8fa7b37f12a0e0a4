"""Where every address leads."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("ops.health.urls")),
    path("admin/", admin.site.urls),
]
