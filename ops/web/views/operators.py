"""The pages of those who look after the installation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ops.notify.bounces import trust_address
from ops.notify.selectors import Shelf, outbox
from ops.notify.services import replay, resend
from ops.people.authority import is_operator
from ops.tabular.numbers import whole_number
from ops.web.doors import SignedInRequest, only_for
from ops.web.frame import toasts
from ops.web.operators import Desk, EndpointLog, Outbox, bounced_addresses, failed_deadlines
from ops.workflow.errors import InvalidInput, NotFound

operators_only = only_for(is_operator, "look after the installation")


@operators_only
@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    """Show how the installation is doing."""
    return render(request, "web/operators.html", {"desk": Desk()})


@operators_only
@require_safe
def messages(request: SignedInRequest) -> HttpResponse:
    """List what lies on a shelf of the outbox, and why."""
    return render(request, "web/outbox.html", {"outbox": Outbox(request)})


@operators_only
@require_POST
def send_again(request: SignedInRequest) -> HttpResponse:
    """Try messages again that nobody would try any more: those chosen, or all that are parked."""
    chosen = _numbers(request, "message")
    if request.POST.get("all") == Shelf.PARKED:
        chosen = list(outbox(Shelf.PARKED).values_list("pk", flat=True))
    count = resend(chosen, actor=request.user)
    toasts.say(request, f"{count} message{'' if count == 1 else 's'} to be sent again.")
    return redirect("outbox")


@operators_only
@require_safe
def endpoint(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """Show what an endpoint was sent and what it answered."""
    return render(request, "web/endpoint.html", {"log": EndpointLog(request, endpoint_id)})


@operators_only
@require_POST
def play_again(request: SignedInRequest, endpoint_id: int) -> HttpResponse:
    """Send messages to an endpoint once more."""
    log = EndpointLog(request, endpoint_id)
    count = replay(_numbers(request, "message"), actor=request.user)
    toasts.say(
        request, f"{count} message{'' if count == 1 else 's'} to be sent to {log.endpoint.name} again."
    )
    return redirect("endpoint-log", endpoint_id)


@operators_only
@require_safe
def addresses(request: SignedInRequest) -> HttpResponse:
    """List addresses that mail comes back from."""
    return render(request, "web/addresses.html", {"addresses": bounced_addresses()[:200]})


@operators_only
@require_POST
def trust(request: SignedInRequest, correspondent_id: int) -> HttpResponse:
    """Mail an address again, after somebody said that it works."""
    found = bounced_addresses().filter(pk=correspondent_id).first()
    if found is None:
        raise NotFound
    trust_address(found.person or found.address or "", actor=request.user)
    toasts.say(request, f"{found.bounced_address} gets mail again.")
    return redirect("addresses")


@operators_only
@require_safe
def deadlines(request: SignedInRequest) -> HttpResponse:
    """List deadlines that the sweep could not deal with, and why."""
    return render(request, "web/failed_deadlines.html", {"deadlines": failed_deadlines()[:200]})


def _numbers(request: HttpRequest, name: str) -> list[int]:
    given = request.POST.getlist(name)
    if not given and "all" not in request.POST:
        raise InvalidInput("Choose at least one message.")
    return [number for number in map(whole_number, given) if number is not None]
