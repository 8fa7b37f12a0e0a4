"""The plan of a campaign, row by row: environments, pinned cases, criteria, quotas.

Every function locks the campaign, asks again who may, writes the row and the event in one transaction. What the
owners have approved is not changed under them: from `ready` on the plan rests until it is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from ops.acceptance.criteria import RULES
from ops.acceptance.models import (
    Campaign,
    Criterion,
    Environment,
    PinnedCase,
    Quota,
    Stage,
    TestCase,
    TesterGroup,
)
from ops.acceptance.rules import is_coordinator, runs_this_campaign
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.workflow import errors
from ops.workflow.forms import NOT_STORABLE, is_text
from ops.workflow.services import record
from ops.workflow.words import who_may

MOST_CASES = 1_000
MOST_ENVIRONMENTS = 20
MOST_CRITERIA = 50
runs_it = is_coordinator | runs_this_campaign


class PlainForm(forms.ModelForm):
    """A form over a row of the plan; text that cannot be stored is refused in words."""

    def clean(self) -> dict[str, Any]:
        """Name every field whose text cannot be stored."""
        found = super().clean() or self.cleaned_data
        for name, value in list(found.items()):
            if isinstance(value, str) and not is_text(value):
                self.add_error(name, NOT_STORABLE)
        return found


class EnvironmentForm(PlainForm):
    """Where the cases are run."""

    class Meta:
        model = Environment
        fields = ("name", "software_version", "data_release", "browser", "url")

    url = forms.URLField(required=False, assume_scheme="https", max_length=500, label="Address")


class CriterionForm(PlainForm):
    """What must hold: one that the desk computes, or one in words that somebody ticks."""

    class Meta:
        model = Criterion
        fields = ("stage", "rule", "parameter", "sentence")

    rule = forms.ChoiceField(
        required=False,
        label="Computed by the desk",
        choices=[
            ("", "Nothing: somebody ticks it, with evidence"),
            *((rule.name, rule.said(None)) for rule in RULES.values()),
        ],
    )
    sentence = forms.CharField(
        required=False, max_length=300, help_text="Only where somebody ticks it: what must hold."
    )

    def clean(self) -> dict[str, Any]:
        """A rule brings its own words and its own end; anything else is said in a sentence."""
        found = super().clean()
        rule = RULES.get(found.get("rule") or "")
        if rule is None:
            if not found.get("sentence") and "sentence" not in self.errors:
                self.add_error("sentence", "Say what must hold, or choose what the desk computes.")
            found["parameter"] = None
        else:
            if found.get("stage") and found["stage"] != rule.stage:
                self.add_error("stage", f"The desk computes this at the {rule.stage}; choose that.")
            found["parameter"] = None if rule.usual is None else (found.get("parameter") or rule.usual)
            found["sentence"] = rule.said(found["parameter"])
        return found


class EvidenceForm(PlainForm):
    """What shows that a criterion is met."""

    class Meta:
        model = Criterion
        fields = ("evidence",)

    evidence = forms.CharField(
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What shows it: a link, a number, who looked.",
        error_messages={"required": "Say what shows that it is met."},
    )


class WaiverForm(PlainForm):
    """Why a criterion is let go."""

    class Meta:
        model = Criterion
        fields = ("waived_because",)

    waived_because = forms.CharField(
        label="Reason",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the report, with your name.",
        error_messages={"required": "Say why the campaign goes on without it."},
    )


class QuotaForm(forms.Form):
    """How many testers are wanted from each group; empty means no limit."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for value, label in TesterGroup.choices:
            self.fields[value] = forms.IntegerField(label=label, required=False, min_value=0, max_value=1_000)


def held(campaign: Campaign, actor: User, *, while_planning: bool = False) -> Campaign:
    """Lock a campaign for somebody who runs it; raises `NotFound`, `NotAllowed`, and `GuardUnmet` once it is over.

    `while_planning` refuses as well what would change a plan that the owners have been given.
    """
    rows = Campaign.objects.visible_to(actor).locked().select_related("assignee")
    found: Campaign | None = rows.filter(pk=campaign.pk).first()
    if found is None:
        raise errors.NotFound
    if not runs_it.test(actor, found):
        raise errors.NotAllowed(f"Only {who_may(runs_it)} may change {found.key}.")
    if while_planning and not found.is_being_planned:
        raise errors.GuardUnmet(
            f"The plan of {found.key} went to the product owners; take it back to planning to change it."
        )
    if found.has_ended and found.state not in {"signed_off", "signed_off_with_conditions"}:
        raise errors.GuardUnmet(f"{found.key} is {found.state_label.lower()}.")
    return found


# -- Environments ---------------------------------------------------------------------------------------------------


@transaction.atomic
def add_environment(campaign: Campaign, *, actor: User, data: Mapping[str, Any]) -> Environment:
    """Name another environment; raises `InvalidInput`."""
    locked = held(campaign, actor, while_planning=True)
    if locked.environments.count() >= MOST_ENVIRONMENTS:
        raise errors.GuardUnmet(f"A campaign has at most {MOST_ENVIRONMENTS} environments.")
    form = EnvironmentForm(data, instance=Environment(campaign=locked))
    _checked(form)
    made: Environment = form.save()
    record(locked, "add_environment", actor=actor, changes={"environment": {"old": None, "new": made.name}})
    return made


@transaction.atomic
def change_environment(environment: Environment, *, actor: User, data: Mapping[str, Any]) -> Environment:
    """Say it better; what stands the same is not written down."""
    locked = held(environment.campaign, actor, while_planning=True)
    before = environment.described
    form = EnvironmentForm(data, instance=environment)
    _checked(form)
    if form.has_changed():
        form.save()
        change = {"old": before or environment.name, "new": environment.described or environment.name}
        record(locked, "change_environment", actor=actor, changes={"environment": change})
    return environment


@transaction.atomic
def remove_environment(environment: Environment, *, actor: User) -> None:
    """Take one out of the plan."""
    locked = held(environment.campaign, actor, while_planning=True)
    if environment.executions.exists():
        raise errors.GuardUnmet(f"Tests were run in {environment}; it stays on record.")
    name = environment.name
    environment.delete()
    record(locked, "remove_environment", actor=actor, changes={"environment": {"old": name, "new": None}})


# -- Cases ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def pin_cases(campaign: Campaign, *, actor: User, cases: Collection[TestCase]) -> int:
    """Run the latest version of these cases; return how many were added or moved to a later version.

    A case that has no version yet is named in the refusal: what was never defined cannot be run.
    """
    locked = held(campaign, actor, while_planning=True)
    unready = sorted(case.identifier for case in cases if not case.number or case.state == case.State.RETIRED)
    if unready:
        raise errors.InvalidInput(
            "Please correct cases.",
            fields={"cases": [f"Not defined yet, or retired: {', '.join(unready[:10])}."]},
        )
    pinned = {pin.case_id: pin for pin in locked.pins.all()}
    if len(pinned.keys() | {case.pk for case in cases}) > MOST_CASES:
        raise errors.GuardUnmet(f"A campaign runs at most {MOST_CASES} cases.")
    latest = _latest_versions(cases)
    moved = [case for case in cases if case.pk not in pinned or pinned[case.pk].version_id != latest[case.pk]]
    PinnedCase.objects.bulk_create(
        [PinnedCase(campaign=locked, case=case, version_id=latest[case.pk]) for case in moved],
        update_conflicts=True,
        unique_fields=["campaign", "case"],
        update_fields=["version"],
    )
    if moved:
        names = [f"{case.identifier} v{case.number}" for case in moved]
        record(locked, "pin_cases", actor=actor, changes={"cases": {"old": None, "new": names}})
    return len(moved)


def _latest_versions(cases: Collection[TestCase]) -> dict[int, int]:
    versions = TestCase.objects.filter(pk__in=[case.pk for case in cases]).values_list(
        "pk", "versions__number", "versions__pk"
    )
    found: dict[int, tuple[int, int]] = {}
    for case, number, version in versions:
        found[case] = max(found.get(case, (0, 0)), (number, version))
    return {case: version for case, (_, version) in found.items()}


@transaction.atomic
def unpin_case(pin: PinnedCase, *, actor: User) -> None:
    """Take a case out of the plan."""
    locked = held(pin.campaign, actor, while_planning=True)
    if locked.executions.filter(case_version__case=pin.case_id).exists():
        raise errors.GuardUnmet(f"Tests of {pin} were given out; it stays on record.")
    name = str(pin)
    pin.delete()
    record(locked, "unpin_case", actor=actor, changes={"cases": {"old": [name], "new": None}})


# -- Criteria -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_criterion(campaign: Campaign, *, actor: User, data: Mapping[str, Any]) -> Criterion:
    """Say what must hold before the tests, or for the results to be accepted."""
    locked = held(campaign, actor, while_planning=True)
    if locked.criteria.count() >= MOST_CRITERIA:
        raise errors.GuardUnmet(f"A campaign has at most {MOST_CRITERIA} criteria.")
    form = CriterionForm(data, instance=Criterion(campaign=locked))
    _checked(form)
    made: Criterion = form.save()
    record(locked, "add_criterion", actor=actor, changes={"criterion": {"old": None, "new": made.sentence}})
    return made


@transaction.atomic
def add_usual_criteria(campaign: Campaign, *, actor: User) -> int:
    """Add every rule that the desk can compute and that the plan has not named; return how many."""
    locked = held(campaign, actor, while_planning=True)
    named = set(locked.criteria.exclude(rule="").values_list("rule", flat=True))
    missing = [rule for rule in RULES.values() if rule.name not in named]
    Criterion.objects.bulk_create(
        Criterion(
            campaign=locked, stage=rule.stage, rule=rule.name, parameter=rule.usual, sentence=rule.said(None)
        )
        for rule in missing
    )
    if missing:
        names = [rule.said(None) for rule in missing]
        record(locked, "add_criterion", actor=actor, changes={"criterion": {"old": None, "new": names}})
    return len(missing)


@transaction.atomic
def remove_criterion(criterion: Criterion, *, actor: User) -> None:
    """Take one out of the plan."""
    locked = held(criterion.campaign, actor, while_planning=True)
    sentence = criterion.sentence
    criterion.delete()
    record(locked, "remove_criterion", actor=actor, changes={"criterion": {"old": sentence, "new": None}})


@transaction.atomic
def tick_criterion(criterion: Criterion, *, actor: User, data: Mapping[str, Any]) -> Criterion:
    """Say what shows that a criterion is met; what the desk computes nobody ticks."""
    locked, row = _open_criterion(criterion, actor)
    if row.is_computed:
        raise errors.GuardUnmet("The desk computes this by itself; it can be waived, with a reason.")
    form = EvidenceForm(data, instance=row)
    _checked(form)
    row.met_by, row.met_at = actor, timezone.now()
    form.save()
    change = {"old": None, "new": f"{row.sentence}: {row.evidence}"}
    record(locked, "tick_criterion", actor=actor, changes={"criterion": change})
    return row


@transaction.atomic
def waive_criterion(criterion: Criterion, *, actor: User, data: Mapping[str, Any]) -> Criterion:
    """Go on without a criterion and say why; the report says so too."""
    locked, row = _open_criterion(criterion, actor)
    form = WaiverForm(data, instance=row)
    _checked(form)
    row.waived_by, row.waived_at = actor, timezone.now()
    form.save()
    change = {"old": None, "new": row.sentence}
    record(locked, "waive_criterion", actor=actor, changes={"criterion": change}, reason=row.waived_because)
    return row


@transaction.atomic
def reopen_criterion(criterion: Criterion, *, actor: User) -> Criterion:
    """Take back a tick or a waiver."""
    locked, row = _open_criterion(criterion, actor)
    row.met_by = row.met_at = row.waived_by = row.waived_at = None
    row.evidence = row.waived_because = ""
    row.save()
    change = {"old": row.sentence, "new": None}
    record(locked, "reopen_criterion", actor=actor, changes={"criterion": change})
    return row


def _open_criterion(criterion: Criterion, actor: User) -> tuple[Campaign, Criterion]:
    """Entry criteria are settled while the plan is made; exit criteria until the report goes out."""
    locked = held(criterion.campaign, actor, while_planning=criterion.stage == Stage.ENTRY)
    if locked.state in {"awaiting_sign_off", "signed_off", "signed_off_with_conditions", "refused"}:
        raise errors.GuardUnmet("The report is before the owners; take it back to change what it says.")
    return locked, Criterion.objects.get(pk=criterion.pk)


# -- Quotas ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_quotas(campaign: Campaign, *, actor: User, data: Mapping[str, Any]) -> None:
    """Say how many testers are wanted from each group; a group without a number has no limit."""
    locked = held(campaign, actor)
    wanted = {name: places for name, places in cleaned(QuotaForm(data)).items() if places is not None}
    before = dict(locked.quotas.values_list("group", "places"))
    if wanted == before:
        return
    locked.quotas.all().delete()
    Quota.objects.bulk_create(Quota(campaign=locked, group=name, places=n) for name, n in wanted.items())
    record(locked, "set_quotas", actor=actor, changes={"quotas": {"old": before, "new": wanted}})


def _checked(form: forms.ModelForm) -> None:
    if form.errors:
        problems = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        named = [name.replace("_", " ") for name in problems if name != "__all__"]
        words = f"Please correct {', '.join(named)}." if named else " ".join(problems["__all__"])
        raise errors.InvalidInput(words, fields=problems)
