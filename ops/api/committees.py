"""What the API says of the Users Committee beside the records themselves."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
