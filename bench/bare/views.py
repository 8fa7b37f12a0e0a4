"""One viewset as a tutorial would write it, with the joins that a careful reader of it would add."""

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from bench.bare.models import Ticket


class TicketSerializer(serializers.ModelSerializer):
    """A ticket in JSON."""

    reporter = serializers.SlugRelatedField("username", read_only=True)
    assignee = serializers.SlugRelatedField("username", read_only=True)

    class Meta:
        model = Ticket
        exclude = ("search",)
        read_only_fields = ("state",)


class Latest(CursorPagination):
    """Pages by keyset, like ours: counting or skipping rows would cost the more the larger the table is."""

    page_size = 50
    ordering = ("-updated_at", "-id")


class TicketViewSet(viewsets.ModelViewSet):
    """Create, read, list, search, and one transition."""

    serializer_class = TicketSerializer
    pagination_class = Latest

    def get_queryset(self) -> QuerySet[Ticket]:
        rows = Ticket.objects.select_related("reporter", "assignee").defer("search")
        if words := self.request.query_params.get("search"):
            rows = rows.filter(search=SearchQuery(words, search_type="websearch", config="english"))
        return rows

    def perform_create(self, serializer: Any) -> None:
        serializer.save(reporter=self.request.user)

    @action(detail=True, methods=["post"])
    def investigate(self, request: Request, pk: str | None = None) -> Response:
        ticket = self.get_object()
        if ticket.state != "triaged":
            return Response({"detail": "Not from here."}, status=status.HTTP_409_CONFLICT)
        ticket.state = "investigating"
        ticket.save(update_fields=["state", "updated_at"])
        return Response(self.get_serializer(ticket).data)


def queue_page(request: HttpRequest) -> HttpResponse:
    """List the latest fifty."""
    rows = Ticket.objects.select_related("assignee").defer("search", "description")
    return render(request, "bare/queue.html", {"tickets": rows.order_by("-updated_at", "-id")[:50]})


def ticket_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a ticket with its comments."""
    rows = Ticket.objects.select_related("reporter", "assignee").defer("search")
    ticket = get_object_or_404(rows, pk=pk)
    comments = ticket.comments.select_related("author").order_by("pk")
    return render(request, "bare/ticket.html", {"ticket": ticket, "comments": comments})
