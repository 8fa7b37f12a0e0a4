"""Calls: the list for everybody, and what the chair sets up before one opens."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.calling import PARTS, commit_capacity, copy_parts, drop_part, keep_part
from ops.allocations.models import Call, Commitment, Criterion, Offer, Question
from ops.allocations.rules import is_operations_director, is_rac_chair
from ops.allocations.selectors import calls_for
from ops.tickets.forms import cleaned
from ops.web.allocations.committee_room import answered, call_for
from ops.web.doors import SignedInRequest, only_for
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.workflow.errors import NotFound
from ops.workflow.forms import WordsField

preparers = only_for(is_rac_chair | is_operations_director, "prepare a call")
State = Call.State


class Calls:
    """The calls that a reader sees, by what they mean to a proposer."""

    def __init__(self, request: HttpRequest) -> None:
        self.reader = request.user
        self.calls = list(calls_for(request.user))

    @property
    def open(self) -> list[Call]:
        """Those that take requests now; what closes first stands first, what never closes last."""
        rows = [call for call in self.calls if call.state == State.OPEN]
        return sorted(rows, key=lambda call: (call.closes_at is None, call.closes_at))

    @property
    def prepared(self) -> list[Call]:
        """Those being prepared, which those inside see."""
        return [call for call in self.calls if call.state == State.DRAFT]

    @property
    def judged(self) -> list[Call]:
        """Those whose requests are being judged."""
        return [call for call in self.calls if call.state not in {State.DRAFT, State.OPEN, State.PUBLISHED}]

    @property
    def published(self) -> list[Call]:
        """Those whose results are known."""
        return [call for call in self.calls if call.state == State.PUBLISHED]

    @property
    def new_url(self) -> str:
        """Where a call is made, for those who may."""
        return reverse("new", args=["call"]) if Call.creation.by.test(self.reader, None) else ""


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List the calls."""
    return render(request, "allocations/calls.html", {"page": Calls(request)})


class SetUp:
    """What a call offers, is judged by and asks, while it is prepared."""

    def __init__(self, call: Call) -> None:
        self.call = call

    @cached_property
    def offers(self) -> list[Offer]:
        """The resources on offer, with what earlier awards take."""
        return list(self.call.offers.select_related("resource").prefetch_related("commitments"))

    @property
    def criteria(self) -> Any:
        """What is judged by."""
        return self.call.criteria.all()

    @property
    def questions(self) -> Any:
        """What the form asks beside."""
        return self.call.questions.all()

    @property
    def others(self) -> Any:
        """Calls to copy from."""
        return Call.objects.exclude(pk=self.call.pk).filter(offers__isnull=False).distinct()


@preparers
@require_safe
def set_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what a call offers, is judged by and asks."""
    call = call_for(request, pk)
    return render(request, "allocations/set_up.html", {"page": SetUp(call), "call": call})


@preparers
@require_POST
def copy(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take over what another call offered, was judged by and asked."""
    call = call_for(request, pk)
    source = Call.objects.visible_to(request.user).filter(slug=request.POST.get("source", "")).first()
    if source is None or source.pk == call.pk:
        raise NotFound
    copy_parts(source, call, actor=request.user)
    return answered(request, reverse("set-up-call", args=[pk]), f"Taken over from {source}.")


class PartForm(forms.ModelForm):
    """An offer, a criterion or a question of a call."""

    def __init__(self, *args: Any, call: Call, **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.call = call

    def _get_validation_exclusions(self) -> set[str]:
        # The call is given by the address, so that what is unique in it is looked at as well.
        return super()._get_validation_exclusions() - {"call"}  # type: ignore[misc]


class OfferForm(PartForm):
    """What there is of a resource in each quarter."""

    class Meta:
        model = Offer
        fields = ("resource", "reserve", "ceiling")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = self.instance.capacity or []
        for quarter in self.instance.call.quarters:
            self.fields[f"capacity-{quarter.number}"] = forms.DecimalField(
                label=f"Capacity, {quarter}",
                min_value=0,
                max_digits=14,
                decimal_places=3,
                initial=known[quarter.number - 1] if quarter.number <= len(known) else None,
            )

    def clean(self) -> dict[str, Any]:
        """Put the quarters together."""
        cleaned_data: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.capacity = [
            cleaned_data.get(f"capacity-{quarter.number}") or 0 for quarter in self.instance.call.quarters
        ]
        return cleaned_data


class CriterionForm(PartForm):
    """What reviewers judge by."""

    class Meta:
        model = Criterion
        fields = ("name", "slug", "weight", "help")
        help_texts = {"slug": "A short name for the API, such as merit."}


class QuestionForm(PartForm):
    """What the form asks beside what every form asks."""

    class Meta:
        model = Question
        fields = ("section", "text", "slug", "help", "kind", "choices", "longest", "is_required")
        field_classes = {"choices": WordsField}
        help_texts = {"choices": "Of a choice: with commas.", "slug": "A short name for the API."}


FORMS: dict[str, type[PartForm]] = {"offer": OfferForm, "criterion": CriterionForm, "question": QuestionForm}


class EditPart(DeskForm):
    """One part of a call, new or changed."""

    @cached_property
    def call(self) -> Call:
        """The call of the address."""
        return call_for(self.request, self.kwargs["pk"])

    @cached_property
    def part(self) -> Any:
        """What is changed; something new where nothing is named."""
        model = PARTS.get(self.kwargs["part"])
        if model is None:
            raise NotFound
        if "part_id" not in self.kwargs:
            return model()
        found = model._default_manager.filter(call=self.call, pk=self.kwargs["part_id"]).first()
        if found is None:
            raise NotFound
        return found

    @cached_property
    def form(self) -> PartForm:
        """The form of the part."""
        return FORMS[self.kwargs["part"]](self.typed, instance=self.part, call=self.call)

    def carry_out(self) -> Any:
        """Keep it."""
        cleaned(self.form)
        return keep_part(self.form.instance, actor=self.request.user)

    def answer(self, done: Any) -> HttpResponse:
        """Show all of the call."""
        return answered(self.request, reverse("set-up-call", args=[self.call.pk]), f"{done} is set.")

    def context(self) -> dict[str, Any]:
        """The form."""
        words = self.part._meta.verbose_name
        return {
            "heading": f"{'Change the' if self.part.pk else 'New'} {words}",
            "form": self.form,
            "action": self.request.path,
            "send": "Keep it",
            "back": reverse("set-up-call", args=[self.call.pk]),
            "can_send": True,
        }


@preparers
@require_POST
def drop(request: SignedInRequest, pk: int, part: str, part_id: int) -> HttpResponse:
    """Take a part out of a call."""
    call = call_for(request, pk)
    model = PARTS.get(part)
    found: Any = model._default_manager.filter(call=call, pk=part_id).first() if model else None
    if found is None:
        raise NotFound
    drop_part(found, actor=request.user)
    toasts.say(request, "Taken out.")
    return redirect("set-up-call", pk)


class CommitmentForm(forms.ModelForm):
    """What an award of an earlier call takes."""

    class Meta:
        model = Commitment
        fields = ("quarter", "amount", "why")


class Commit(DeskForm):
    """What an earlier award takes of a quarter."""

    @cached_property
    def offer(self) -> Offer:
        """The offer of the address."""
        call = call_for(self.request, self.kwargs["pk"])
        found = call.offers.filter(pk=self.kwargs["offer_id"]).select_related("resource", "call").first()
        if found is None:
            raise NotFound
        return found

    @cached_property
    def form(self) -> CommitmentForm:
        """The form."""
        return CommitmentForm(self.typed, instance=Commitment(offer=self.offer))

    def carry_out(self) -> Commitment:
        """Note it."""
        cleaned(self.form)
        return commit_capacity(self.form.instance, actor=self.request.user)

    def answer(self, done: Commitment) -> HttpResponse:
        """Show all of the call."""
        return answered(self.request, reverse("set-up-call", args=[self.kwargs["pk"]]), "Noted.")

    def context(self) -> dict[str, Any]:
        """The form."""
        form = self.form
        if self.refusal:
            form.full_clean()
            for name, sentences in self.refusal.fields.items():
                if name in form.fields and name not in form.errors:
                    form.add_error(name, sentences)
        return {
            "heading": f"Committed: {self.offer.resource}",
            "form": form,
            "action": self.request.path,
            "send": "Note it",
            "back": reverse("set-up-call", args=[self.kwargs["pk"]]),
            "can_send": True,
        }
