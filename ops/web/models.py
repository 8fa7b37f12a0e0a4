"""What the pages themselves remember: text that was typed and not yet sent."""

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """The fields of one form as one person left them. Gone when the form is sent or the draft discarded."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    key = models.CharField(
        max_length=200, help_text="Which form: a purpose and what it is about, comment:CST-7."
    )
    fields = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_draft_per_form")]
        indexes = [models.Index(fields=["user", "-updated_at"])]

    def __str__(self) -> str:
        return f"{self.key} by {self.user}"
