"""One body for every refusal, wherever it comes from: `{"code", "detail", "fields"}`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.response import Response

from ops.workflow.errors import NotAllowed, NotFound, Refusal

RETRY_AFTER_SECONDS = "5"


class TooLarge(exceptions.APIException):
    """The body is larger than this address takes."""

    status_code = 413
    default_code = "too_large"


class LengthRequired(exceptions.APIException):
    """The body comes in pieces, of which nobody knows how many there will be."""

    status_code = 411
    default_code = "length_required"
    default_detail = "Say with Content-Length how long the body is; one in chunks is not read."


def answer(problem: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn whatever was raised into the answer that says it.

    Faults of ours become a 500 in the same shape, reported as Django reports its own; in development they stay
    exceptions, for the page with the traceback.
    """
    if isinstance(problem, SuspiciousOperation):
        problem = _unreadable(problem)
    refusal = _as_refusal(problem)
    if refusal is not None:
        return Response(refusal.as_dict(), status=refusal.status)
    if isinstance(problem, exceptions.APIException):
        return Response(_body(*_said(problem)), status=problem.status_code, headers=_headers(problem))
    if isinstance(problem, OperationalError | InterfaceError):
        body = _body("unavailable", "The database does not answer at the moment. Try again in a few seconds.")
        response = Response(body, status=503, headers={"Retry-After": RETRY_AFTER_SECONDS})
    elif settings.DEBUG:
        return None
    else:
        got_request_exception.send(sender=None, request=context["request"])
        response = Response(
            _body("server_error", "That is a fault of ours; it has been written down."), status=500
        )
    log_response(
        "%s at %s",
        type(problem).__name__,
        context["request"].path,
        response=response,
        request=context["request"],
        exception=problem,
    )
    return response


def _as_refusal(problem: Exception) -> Refusal | None:
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, Http404):
        return NotFound()
    if isinstance(problem, PermissionDenied):
        return NotAllowed(str(problem) or "Your roles do not include this today.")
    return None


def _said(problem: exceptions.APIException) -> tuple[str, str]:
    code = str(getattr(problem.detail, "code", problem.default_code))
    if isinstance(problem, exceptions.NotAuthenticated):
        return code, "Sign in, or send a token of yours as “Authorization: Bearer …”."
    if isinstance(problem, exceptions.Throttled):
        return (
            code,
            f"Too many requests from here; go on in {math.ceil(getattr(problem, 'wait', None) or 0)} seconds.",
        )
    return code, str(problem.detail)


def _headers(problem: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def _body(code: str, detail: str) -> dict[str, object]:
    return {"code": code, "detail": detail, "fields": {}}


def _unreadable(problem: SuspiciousOperation) -> exceptions.APIException:
    # A request that Django itself would not take in.
    if isinstance(problem, RequestDataTooBig):
        return TooLarge("The body is larger than this address takes.")
    return exceptions.ParseError("The request could not be read.")
