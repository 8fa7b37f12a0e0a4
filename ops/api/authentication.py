"""Who is asking: a script with a token, or the browser of somebody signed in."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from ops.people import tokens
from ops.people.models import ApiToken, User


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with a personal token. Costs one query; once a minute a second one notes the use."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the person and the token; None without the header; refuse every token that opens nothing."""
        header = get_authorization_header(request).strip()
        if not header:
            return None
        scheme, _, secret = header.partition(b" ")
        if scheme.lower() != b"bearer" or not secret.strip():
            raise AuthenticationFailed(
                "Send the token as “Authorization: Bearer …”; nothing else is known here."
            )
        token = tokens.presented(secret.strip().decode("ascii", "replace"))
        if token is None:
            raise AuthenticationFailed("This token is not known; it may have been mistyped.")
        if not token.is_open:
            raise AuthenticationFailed(token.refusal)
        tokens.note_use(token)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        """Name the way in."""
        return 'Bearer realm="api"'
