"""What the API says of resource allocation beside the records themselves."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
