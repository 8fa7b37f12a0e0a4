"""What the API says of acceptance testing beside the records themselves."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
