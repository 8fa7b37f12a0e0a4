"""Addresses of the bare application."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from bench.bare import views

router = SimpleRouter()
router.register("tickets", views.TicketViewSet, basename="ticket")
urlpatterns = [
    path("api/", include(router.urls)),
    path("queue/", views.queue_page),
    path("tickets/<int:pk>/", views.ticket_page),
]
