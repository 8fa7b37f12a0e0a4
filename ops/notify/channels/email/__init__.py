"""Letters by SMTP, threaded by mail programs, and easy to be rid of."""

from ops.notify.channels.email.sending import opened

__all__ = ["opened"]
