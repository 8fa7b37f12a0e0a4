"""Campaigns of acceptance tests."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models

from ops.acceptance.criteria import unsettled
from ops.acceptance.models.plan import ConcernedProduct, Coverage, Criterion, Stage
from ops.acceptance.reading import may_read_report
from ops.acceptance.signing import Signed
from ops.acceptance.workflow import CampaignWorkflow
from ops.people.models import Product, User
from ops.tickets.models import Ticket, Visibility
from ops.workflow.models import Performance
from ops.workflow.registry import registered
from ops.workflow.services import perform

MOST_PRODUCTS = 50
PLANNING = frozenset({"draft", "planned"})
REPORTING = frozenset({"results_frozen", "report_drafted", "awaiting_sign_off", "refused"})
WORDS_OF_REPORT = frozenset({"assessment", "recommendations", "conditions"})


class ProductsField(forms.CharField):
    """Names of products, as they stand in addresses, with commas between them."""

    widget = forms.TextInput(attrs={"data-lookup": "product", "data-many": "true", "autocomplete": "off"})

    def to_python(self, value: Any) -> list[Product]:  # type: ignore[override]
        """Return the products; raises `ValidationError` naming those that do not exist."""
        words = value if isinstance(value, list | tuple) else str(value or "").replace(",", " ").split()
        names = list(dict.fromkeys(word.slug if isinstance(word, Product) else word for word in words))
        if len(names) > MOST_PRODUCTS:
            raise ValidationError(f"Name at most {MOST_PRODUCTS} products.")
        found = {product.slug: product for product in Product.objects.filter(slug__in=names)} if names else {}
        if missing := [name for name in names if name not in found]:
            raise ValidationError(f"There is no product called {', '.join(missing)}.")
        return [found[name] for name in names]

    def validate(self, value: Any) -> None:
        """A product is one that exists; nothing else is asked of it."""

    def run_validators(self, value: Any) -> None:
        """The validators of a text do not fit rows."""


class ProductsBeside:
    """The products of a campaign, as a value that a declaration can ask for like a field."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return ProductsField(
            required=False,
            label="Products",
            help_text="Their owners approve the plan and sign the report: rsp, portal.",
        )

    def shown(self, campaign: Any, reader: User) -> str:
        """Return the names of those that are there."""
        if campaign.pk is None:
            return ""
        return ", ".join(campaign.concerned.values_list("product__slug", flat=True))

    def keep(self, campaign: Any, value: list[Product], actor: User) -> dict[str, Any] | None:
        """Write the rows; return the change, or None when they were the same."""
        before = {row.product.slug: row for row in campaign.concerned.select_related("product")}
        after = {product.slug: product for product in value}
        if before.keys() == after.keys():
            return None
        gone = [row.pk for slug, row in before.items() if slug not in after]
        ConcernedProduct.objects.filter(pk__in=gone).delete()
        ConcernedProduct.objects.bulk_create(
            ConcernedProduct(campaign=campaign, product=product)
            for slug, product in after.items()
            if slug not in before
        )
        return {"old": sorted(before), "new": sorted(after)}


class ConditionsBeside:
    """The conditions under which an owner signs; they are kept with the signature."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return forms.CharField(
            required=False,
            label="Conditions",
            max_length=5_000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="What must still be done, by when. Empty: accepted as it is.",
        )

    def shown(self, campaign: Any, reader: User) -> str:
        """Nothing: every signature has its own."""
        return ""

    def keep(self, campaign: Any, value: str, actor: User) -> dict[str, Any] | None:
        """Let the history tell them; the step itself writes the signature."""
        return {"old": None, "new": f"on condition: {value}"} if value else None


@registered
class Campaign(CampaignWorkflow, Signed, Ticket):
    """A campaign of acceptance tests before a major update or a data release (RTN-046)."""

    scope = models.TextField(
        "objectives",
        max_length=20_000,
        blank=True,
        help_text="What is to be shown, and what is left out. Markdown.",
    )
    release = models.CharField(
        max_length=120,
        blank=True,
        help_text="The release or milestone that it is for, such as “RSP 3.2 with DP1”.",
    )
    opens_at = models.DateTimeField("begin of the tests", null=True, blank=True)
    closes_at = models.DateTimeField("end of the tests", null=True, blank=True)
    coverage = models.CharField(max_length=6, choices=Coverage, default=Coverage.ROTATE)
    testers_per_case = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    testers_per_critical_case = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="How many people run a critical case, each without seeing what the others found.",
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        help_text="The campaign to compare with, such as UAT-1.",
    )
    assessment = models.TextField(
        "overall assessment", max_length=20_000, blank=True, help_text="For the report. Markdown."
    )
    recommendations = models.TextField(
        "recommended improvements", max_length=20_000, blank=True, help_text="For the report. Markdown."
    )

    first_visibility = Visibility.COMMUNITY
    help_texts = {
        "title": "What is tested, in one line, like “Science Platform 3.2 with Data Preview 1”.",
        "description": "What else everybody should know who sees the campaign. Markdown.",
    }
    locked_through: ClassVar[str] = "ticket_ptr"
    beside_the_row = {**Ticket.beside_the_row, "products": ProductsBeside(), "conditions": ConditionsBeside()}

    @property
    def is_being_planned(self) -> bool:
        """Whether the plan may still be changed: it has not gone to the owners."""
        return self.state in PLANNING

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """It belongs to whoever plans it, and is there for the community to see."""
        super().prepare(actor=actor, moment=moment)
        self.assignee, self.visibility = actor, self.first_visibility

    def clean(self) -> None:
        """Refuse tests that end before they begin, and fewer testers where more is at stake."""
        super().clean()
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "The tests end before they begin."})
        if self.testers_per_critical_case < self.testers_per_case:
            raise ValidationError(
                {"testers_per_critical_case": "A critical case needs at least as many testers as any other."}
            )
        if self.previous_id and self.previous_id == self.pk:
            raise ValidationError({"previous": "Name another campaign to compare with."})

    def kept_from(self, reader: User | AnonymousUser) -> frozenset[str]:
        """The words of the report are for those who may read it, until it is signed."""
        is_written = bool(self.assessment or self.recommendations) or self.state in REPORTING
        return WORDS_OF_REPORT if is_written and not may_read_report(reader, self) else frozenset()

    def state_held(self) -> str:
        """Return the state as it is now; until the end of the transaction nobody moves the campaign out of it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM tickets_ticket WHERE id = %s FOR SHARE", [self.pk])
            (state,) = cursor.fetchone()
        return str(state)

    def keep_approval(self, now: Performance) -> None:
        """Approve for every product that the actor answers for and that nobody has approved."""
        owed = self.concerned.all().unapproved().answered_by(now.actor)
        owed.update(approved_by=now.actor, approved_at=now.moment)

    @property
    def after_approval(self) -> str:
        """Approved once every owner concerned has agreed; until then it stays ready."""
        waits = self.concerned.all().unapproved().exists()
        return self.State.READY if waits else self.State.APPROVED

    def forget_approvals(self) -> None:
        """A changed plan is another plan."""
        self.concerned.update(approved_by=None, approved_at=None)

    def unsettled_entry_criteria(self) -> list[Criterion]:
        """Return the entry criteria that are neither met nor waived."""
        return unsettled(self, list(self.criteria.filter(stage=Stage.ENTRY)))

    def send_testers_off(self, now: Performance) -> None:
        """Tell everybody who has tests that they can begin."""
        given = self.executions.filter(state="assigned").values("tester")
        for tester in self.testers.filter(state__in=("consented", "finished", "thanked"), person__in=given):
            perform(tester, "take_up", actor=now.actor, moment=now.moment)

    def move_due_dates(self, now: Performance) -> None:
        """Let the end of everybody's tests follow that of the campaign."""
        for tester in self.testers.filter(state="testing"):
            perform(
                tester,
                "take_longer",
                actor=now.actor,
                data={"due_at": self.closes_at},
                moment=now.moment,
            )

    def let_testers_go(self, why: str, now: Performance) -> None:
        """Thank everybody who took part and credit their hours; whoever never answered is asked no more."""
        for tester in self.testers.filter(state__in=("consented", "testing", "finished")):
            perform(tester, "thank", actor=now.actor, moment=now.moment)
        for tester in self.testers.filter(state="invited"):
            perform(tester, "withdraw", actor=now.actor, reason=why, moment=now.moment)
