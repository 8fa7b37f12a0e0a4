"""Announcements for other programs: signed JSON as in the Standard Webhooks specification."""

from ops.notify.channels.webhook.calling import opened, signature

__all__ = ["opened", "signature"]
