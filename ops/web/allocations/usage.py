"""Reports of usage, given in by hand where no machine sends them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ops.allocations.forms import UsageForm
from ops.allocations.usage import Taken, may_report_usage, take_usage
from ops.allocations.usage_reading import Unreadable, read
from ops.web.doors import SignedInRequest, only_for

LARGEST = 10 * 1024 * 1024


@only_for(may_report_usage, "report usage")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest) -> HttpResponse:
    """Take a file, and list what became of its rows."""
    form = UsageForm(request.POST or None, request.FILES or None)
    taken: Taken | None = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if upload.size > LARGEST:
            form.add_error("file", f"A file may have at most {LARGEST // 1024**2} MiB; send it in parts.")
        else:
            try:
                taken = take_usage(read(upload.read(), name=upload.name or ""), actor=request.user)
            except Unreadable as problem:
                form.add_error("file", str(problem))
    status = 422 if form.errors else 200
    return render(request, "allocations/usage.html", {"form": form, "taken": taken}, status=status)
