"""What the pages themselves remember: text typed and not yet sent, lists, their columns, who was here when."""

from typing import ClassVar

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


class Visit(models.Model):
    """When a person was last here, and when before that: what has changed since is marked for them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visit")
    seen_at = models.DateTimeField(help_text="The latest look of the visit that may still be going on.")
    before = models.DateTimeField(help_text="The latest look of the visit before.")

    def __str__(self) -> str:
        return f"{self.user} at {self.seen_at:%Y-%m-%d %H:%M}"


class SavedFilter(models.Model):
    """A queue or a board that a person keeps in the side bar under a name of their own."""

    LONGEST_NAME: ClassVar[int] = 60

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=LONGEST_NAME)
    address = models.CharField(max_length=1_000, help_text="The path and the filters, /issues/?assignee=me.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_filter_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class ChosenColumns(models.Model):
    """The columns that the lists of one person have beside key, title and state."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chosen_columns"
    )
    names = models.JSONField()

    def __str__(self) -> str:
        return f"{', '.join(self.names)} of {self.user}"
