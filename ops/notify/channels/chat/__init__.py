"""Posts for chat rooms and people, in the JSON of Slack's incoming webhooks, which others take too."""

from ops.notify.channels.chat.posting import opened

__all__ = ["opened"]
