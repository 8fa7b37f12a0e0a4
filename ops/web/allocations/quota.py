"""What the platform enforces: the two documents, what is still to be applied, and the drift check."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ops.allocations import enforcement
from ops.allocations.entitlements import base
from ops.allocations.forms import DocumentForm
from ops.allocations.models import Award, QuotaBase
from ops.allocations.quota.document import written
from ops.web.allocations.committee_room import answered
from ops.web.doors import SignedInRequest, only_for
from ops.workflow.errors import InvalidInput, NotFound

enforcers_only = only_for(enforcement.may_enforce, "see what the platform enforces")
FILES = {Award.Way.DURABLE.value: "quota-base-fragment.json", Award.Way.URGENT.value: "quota-overrides.json"}


@enforcers_only
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """Show both ways to the platform, and what is to be applied by each."""
    return _drawn(request)


def _drawn(request: SignedInRequest, status: int = 200, **more: object) -> HttpResponse:
    awaiting = Award.objects.filter(enforcement=Award.Enforcement.PENDING, request__state="provisioning")
    context = {
        "ways": [enforcement.standing(way) for way in Award.Way.values],
        "base": QuotaBase.objects.select_related("entered_by").order_by("-pk").first(),
        "base_text": written(base()),
        "form": DocumentForm(),
        "has_service": bool(settings.QUOTA_SERVICE_URL),
        "awaiting": [
            (award, enforcement.by_hand_tasks(award)) for award in awaiting.select_related("request")
        ],
        **more,
    }
    return render(request, "allocations/quota.html", context, status=status)


@enforcers_only
@require_safe
def document(request: SignedInRequest, way: str) -> HttpResponse:
    """Give out a document as a file."""
    if way not in FILES:
        raise NotFound
    response = HttpResponse(written(enforcement.plan(way).document), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{FILES[way]}"'
    return response


@enforcers_only
@require_POST
def by_hand(request: SignedInRequest, way: str) -> HttpResponse:
    """Note that a document was applied by hand."""
    if way not in FILES:
        raise NotFound
    note = request.POST.get("note", "") or "Applied by hand"
    active = enforcement.applied_by_hand(way, note=note, actor=request.user)
    return answered(request, reverse("quota"), f"Noted. {_now_active(len(active))}")


@enforcers_only
@require_POST
def write(request: SignedInRequest) -> HttpResponse:
    """Write the override document to the service and read it back."""
    active = enforcement.write_overrides(actor=request.user)
    return answered(request, reverse("quota"), f"Written and read back. {_now_active(len(active))}")


@enforcers_only
@require_POST
def read_back(request: SignedInRequest) -> HttpResponse:
    """Ask the service which durable awards it enforces."""
    active = enforcement.read_back(actor=request.user)
    return answered(request, reverse("quota"), f"Read back. {_now_active(len(active))}")


@enforcers_only
@require_http_methods(["POST"])
def check(request: SignedInRequest) -> HttpResponse:
    """Compare a served document with what should be there, or take it as the new base."""
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _drawn(request, status=422, form=form)
    try:
        served = enforcement.read_document(form.cleaned_data["document"].read())
    except InvalidInput as refusal:
        for sentence in refusal.fields["document"]:
            form.add_error("document", sentence)
        return _drawn(request, status=refusal.status, form=form)
    if "as_base" in request.POST:
        enforcement.keep_base(served, note=form.cleaned_data["note"], actor=request.user)
        return answered(request, reverse("quota"), "Taken as the base that every account has.")
    return _drawn(request, drift=enforcement.drift(served), was_checked=True, status=200)


def _now_active(count: int) -> str:
    return (
        f"{count} award{' is' if count == 1 else 's are'} active now."
        if count
        else "No award was waiting for it."
    )
