"""Who may try a password, how often, and from where. Counting is done by django-axes, at every door."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ops.people.models import User

# A name tried from one address is locked after AXES_FAILURE_LIMIT failures. The same name from everywhere, or
# everything from one address (a whole institute may share one), is locked after this many times as many.
WIDER = 10
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](:\d+)?|(?P<v4>[^:]+):\d+")

DEMONSTRATION_PASSWORD = "demo"  # noqa: S105
DEMONSTRATION_ACCOUNTS = {
    "member": "Community member: reports a problem and follows it",
    "scientist": "Community scientist: triages, resolves, announces",
    "watcher": "Forum watcher of the week: answers first",
    "lead": "Lead community scientist: reviews, sees confidential reports",
    "staff": "Staff: is given work, comments internally",
    "owner": "Product owner: accepts resolutions",
    "liaison": "Liaison to a science collaboration",
    "assessor": "Technical assessor of resource requests",
    "rac-member": "Resource Allocation Committee, member",
    "rac-chair": "Resource Allocation Committee, chair",
    "ops-director": "Operations Director: decides awards",
    "uc-member": "Users Committee, member",
    "uc-chair": "Users Committee, chair",
    "director": "Director: appoints, receives and answers reports",
    "coordinator": "Acceptance test coordinator",
    "tester": "Volunteer tester",
    "admin": "Administrator",
}


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": "No account has this name with this password. Both tell capital letters from small ones.",
        "inactive": "This account is closed.",
    }


class SignInGuard(AxesDatabaseHandler):
    """Counts failures per name and address, and more patiently per name and per address alone."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the recent failures that count against this attempt."""
        name, address = get_client_username(request, credentials), address_of(request)
        sums = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request)).aggregate(
            here=Sum("failures_since_start", filter=Q(username=name, ip_address=address), default=0),
            name=Sum("failures_since_start", filter=Q(username=name), default=0),
            address=Sum("failures_since_start", filter=Q(ip_address=address), default=0),
        )
        return max(sums["here"], sums["name"] // WIDER, sums["address"] // WIDER)


def address_of(request: HttpRequest) -> str | None:
    """Return the address of the person: as our outermost trusted proxy saw it, never as they claim it.

    What cannot be read as one, such as the word of a proxy that does not know, is none; all of these count together.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if 0 < settings.TRUSTED_PROXIES <= len(hops):
        return _without_port(hops[-settings.TRUSTED_PROXIES])
    return _without_port(request.META.get("REMOTE_ADDR", ""))


def _without_port(text: str) -> str | None:
    found = _WITH_PORT.fullmatch(text)
    try:
        return str(ipaddress.ip_address(found["v6"] or found["v4"] if found else text))
    except ValueError:
        return None


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """Say that it was too often, and for how long; the password is not even looked at."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {
        "form": SignInForm(request, initial={"username": request.POST.get("username", "")}),
        "next": request.POST.get("next", ""),
        "locked": f"That was wrong too often. Wait {minutes} minutes, then try again.",
        "accounts": demonstration_accounts(),
        "demonstration_password": DEMONSTRATION_PASSWORD,
    }
    return render(request, "web/login.html", context, status=429)


def demonstration_accounts() -> list[tuple[User, str]]:
    """Return the accounts that anybody may try, with what they are for; none outside demonstration mode."""
    if not settings.DEMO:
        return []
    known = User.objects.filter(is_active=True).in_bulk(list(DEMONSTRATION_ACCOUNTS), field_name="username")
    return [(known[name], words) for name, words in DEMONSTRATION_ACCOUNTS.items() if name in known]
