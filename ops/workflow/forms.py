"""The one form behind every door: derived from the fields that a declaration names.

Pages draw it, the API describes it in its schema and feeds it JSON, and the services validate with it, so the
doors cannot drift apart. People are given by username, tickets by key, products by slug.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Self

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.utils import ErrorDict

from ops.people.models import User
from ops.workflow.errors import InvalidInput
from ops.workflow.models import Stateful

EARLIEST = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
MOST_PEOPLE = 50
DEEPEST = 30  # levels of JSON; nothing here has ten
NOT_STORABLE = "This text holds characters that cannot be stored."


class LookupInput(forms.TextInput):
    """A field in which a row is named by typing; the page completes it, and never holds a list of all rows."""

    def __init__(self, model_name: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-lookup": model_name, "autocomplete": "off", **(attrs or {})})
        self.model_name = model_name


class LookupField(forms.ModelChoiceField):
    """A reference to another row by the name that people use for it."""

    def __init__(self, model: type[models.Model], **options: Any) -> None:
        self.related = model
        # Of what there are never many, all are offered.
        self.is_short = getattr(model, "chosen_from_list", False)
        name = str(model._meta.verbose_name)
        # People and products are there for everybody; what has a workflow may be hidden.
        some = " that you may see" if hasattr(model, "anchor") else ""
        super().__init__(
            queryset=model._default_manager.none(),
            to_field_name=getattr(model, "lookup_name", "pk"),
            widget=forms.Select() if self.is_short else LookupInput(str(model._meta.model_name)),
            error_messages={"invalid_choice": f"There is no {name} called “%(value)s”{some}."},
            **options,
        )

    def narrow_to(self, actor: User) -> None:
        """Let the field find only what this person may see."""
        rows = self.related._default_manager.all()
        self.queryset = rows.visible_to(actor) if hasattr(rows, "visible_to") else rows

    def to_python(self, value: Any) -> Any:
        """Accept a row itself as well as its name; text is taken without the space around it."""
        if isinstance(value, str):
            value = value.strip().removeprefix("@")
        return super().to_python(value)


class MomentField(forms.DateTimeField):
    """A moment within the lifetime of an observatory."""

    default_error_messages = {"invalid": "Write a date and time like 2026-11-20 17:00."}
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime.datetime | None:
        """Refuse moments so far away that no arithmetic with them can be meant."""
        try:
            moment = super().to_python(value)
        except (OverflowError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if moment is not None and not EARLIEST <= moment <= LATEST:
            raise ValidationError("Write a date between 1990 and 2100.", code="out_of_range")
        return moment


class StructuredField(forms.Field):
    """A value with parts, as JSON: given as it is by the API, typed as text on a page that has no better form."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    parts: type[list[Any]] | type[dict[str, Any]] = list

    def to_python(self, value: Any) -> Any:
        """Read JSON; nothing is an empty list or an empty object."""
        if value in (None, ""):
            return self.parts()
        if isinstance(value, str):
            try:
                value = json.loads(value, parse_constant=str)
            except (ValueError, RecursionError):
                raise ValidationError("This is not JSON.", code="invalid") from None
        if not isinstance(value, self.parts):
            raise ValidationError(f"Give {self.wanted}.", code="invalid")
        if (
            is_deep(value)
            or not is_text(json.dumps(value, ensure_ascii=False))
            or "\\u0000" in json.dumps(value)
        ):
            raise ValidationError(NOT_STORABLE)
        return value

    @property
    def wanted(self) -> str:
        """What JSON the field takes, in words."""
        return "a list" if self.parts is list else "an object of names and values"


class RowsField(StructuredField):
    """A list of objects."""

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows; raises `ValidationError` where one of them is no object."""
        rows: list[dict[str, Any]] = super().to_python(value)
        if not all(isinstance(row, dict) for row in rows):
            raise ValidationError("Give a list of objects.", code="invalid")
        return rows


class NamedValuesField(StructuredField):
    """An object: values by name."""

    parts: type[list[Any]] | type[dict[str, Any]] = dict


class PeopleField(forms.Field):
    """Accounts, by username: a list, or text with commas or spaces between them."""

    widget = forms.TextInput(attrs={"data-lookup": "user", "data-many": "true", "autocomplete": "off"})

    def to_python(self, value: Any) -> list[User]:
        """Return the accounts; raises `ValidationError` naming those that are none."""
        if isinstance(value, str):
            value = value.replace(",", " ").split()
        names = [
            item.username if isinstance(item, User) else str(item).strip().removeprefix("@")
            for item in value or []
        ]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > MOST_PEOPLE:
            raise ValidationError(f"Name at most {MOST_PEOPLE} people.")
        if not is_text(*names):
            raise ValidationError(NOT_STORABLE)
        known = {user.username: user for user in User.objects.visible_to(None).filter(username__in=names)}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValidationError([f"There is no person with the username “{name}”." for name in unknown])
        return [known[name] for name in names]


class WordsField(SimpleArrayField):
    """Words, typed with commas between them; nothing between two commas is no word."""

    def clean(self, value: Any) -> Any:
        """Leave out what is blank."""
        words = value.split(self.delimiter) if isinstance(value, str) else value or []
        return super().clean([word for word in words if str(word).strip()])


def _form_field(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    if isinstance(field, models.ForeignKey):
        related = field.related_model
        return LookupField(
            related,
            required=not field.blank,
            label=field.verbose_name.capitalize(),
            help_text=field.help_text,
        )
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return field.formfield(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)
    if isinstance(field, models.DateTimeField):
        return field.formfield(form_class=MomentField, widget=MomentField.widget, **options)
    if isinstance(field, ArrayField):
        return field.formfield(form_class=WordsField, **options)
    if isinstance(field, models.URLField):
        return field.formfield(assume_scheme="https", **options)
    return field.formfield(**options)


def _what_is_missing(field: forms.Field) -> str:
    """Return what would be right where nothing was given."""
    if isinstance(field, forms.BooleanField):
        return "Tick this."
    if isinstance(field, LookupField):
        return "Name one."
    return "Choose one." if isinstance(field, forms.ChoiceField) else "Fill this in."


class DeclaredForm(forms.ModelForm):
    """A form over some fields of a stateful model, seen by one person."""

    required_names: tuple[str, ...] = ()

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        for name, field in self.fields.items():
            field.required = field.required or name in self.required_names
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _what_is_missing(field)
            if hasattr(field, "narrow_to"):
                field.narrow_to(actor)
            if (
                isinstance(field, LookupField)
                and not self.is_bound
                and getattr(self.instance, f"{name}_id", None)
            ):
                # Unlike Django's own initial value (the primary key), this is the name that is typed back.
                self.initial[name] = getattr(getattr(self.instance, name), field.to_field_name or "pk")

    def _get_validation_exclusions(self) -> set[str]:
        # A look-up field has just read the row that it names; the model would ask the database again.
        looked_up = {name for name, field in self.fields.items() if isinstance(field, LookupField)}
        return super()._get_validation_exclusions() | looked_up  # type: ignore[misc]

    def _update_errors(self, errors: ValidationError) -> None:
        # A model may find fault with a field that this form does not hold: it is named all the same.
        found = errors.update_error_dict({})
        elsewhere = {
            name: found.pop(name) for name in list(found) if name not in {*self.fields, NON_FIELD_ERRORS}
        }
        if found:
            super()._update_errors(ValidationError(found))  # type: ignore[misc]
        for name, problems in elsewhere.items():
            self.errors[name] = self.error_class(problems)

    def clean(self) -> dict[str, Any]:
        """Let the model refuse combinations of fields that are each right alone."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str | list) and not is_text(*_strings_in(value)):
                self.add_error(name, NOT_STORABLE)
        for name, sentence in self.instance.objections(self.actor, cleaned).items():
            self.add_error(name, sentence)
        return cleaned

    def refused(self, problems: Mapping[str, Sequence[str]]) -> Self:
        """Show what the services said of this input, beside its fields, without asking anything again."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        for name, sentences in problems.items():
            self.add_error(name if name in self.fields else None, list(sentences))
        return self

    @property
    def beside_the_row(self) -> dict[str, Any]:
        """The cleaned values that are kept in rows of their own, such as watchers."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self._meta.model.beside_the_row
        }


class TextField(forms.CharField):
    """Text that can be stored."""

    def clean(self, value: Any) -> str:
        """Return the text; raises `ValidationError` where it cannot be stored."""
        text: str = super().clean(value)
        if not is_text(text):
            raise ValidationError(NOT_STORABLE)
        return text


class ReasonField(TextField):
    """Why somebody takes a step; kept in the event."""

    def __init__(self, *, required: bool) -> None:
        super().__init__(
            required=required,
            max_length=10_000,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Write the reason in a sentence."},
        )


def cleaned_reason(reason: str, *, required: bool) -> str:
    """Return the reason without the space around it; raises `InvalidInput` when it is missing or not text."""
    try:
        text: str = ReasonField(required=required).clean(reason)
    except ValidationError as problem:
        raise InvalidInput("Please correct the reason.", fields={"reason": problem.messages}) from None
    return text


def is_text(*values: str) -> bool:
    """Whether strings can be stored: whole Unicode characters (JSON lets halves of them through), and no NUL."""
    try:
        return b"\x00" not in "".join(values).encode()
    except UnicodeEncodeError:
        return False


def is_deep(value: Any) -> bool:
    """Whether JSON is nested more deeply than anything here: to write or compare it would exhaust the stack."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _strings_in(value: str | list[Any]) -> list[str]:
    return [value] if isinstance(value, str) else [item for item in value if isinstance(item, str)]


@cache
def form_class(
    model: type[Stateful], fields: tuple[str, ...], required: tuple[str, ...] = ()
) -> type[DeclaredForm]:
    """Return the form over some fields of a model, in that order; what it requires is named, not guessed."""
    extra = model.beside_the_row
    own = [name for name in fields if name not in extra]
    said = {
        "model": model,
        "fields": own,
        "widgets": dict(model.widgets),
        "help_texts": dict(model.help_texts),
    }
    meta = type("Meta", (), {**said, "formfield_callback": staticmethod(_form_field)})
    body: dict[str, Any] = {"Meta": meta, "required_names": required}
    body.update({name: extra[name].form_field() for name in fields if name in extra})
    made: type[DeclaredForm] = type(f"{model.__name__}Form", (DeclaredForm,), body)
    made.base_fields = {name: made.base_fields[name] for name in fields}
    return made


def validated(
    obj: Stateful,
    *,
    asks: Iterable[str],
    offers: Iterable[str],
    actor: User,
    data: Mapping[str, Any],
    anew: bool = False,
) -> DeclaredForm:
    """Put `data` into an object and return the valid form that did it; the object is not saved.

    What is asked for must be there afterwards: given now or, unless `anew`, known from before. What is only
    offered stays as it is unless it is given. Raises `InvalidInput` naming every field that is unknown, missing
    or wrong.
    """
    asks, offers = tuple(asks), tuple(offers)
    problems = _unknown(data, asks + offers)
    missing = tuple(name for name in asks if name not in data and (anew or not getattr(obj, name, None)))
    fields = tuple(name for name in asks + offers if name in data or name in missing)
    form = form_class(type(obj), fields, asks)(data=data, instance=obj, actor=actor)
    problems |= {str(name): [str(text) for text in texts] for name, texts in form.errors.items()}
    if problems:
        raise InvalidInput(_summary(problems), fields=problems)
    return form


def _unknown(data: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, list[str]]:
    sentence = f"This field cannot be given here; {', '.join(known) or 'nothing'} can."
    return {name: [sentence] for name in data if name not in known}


def _summary(problems: Mapping[str, list[str]]) -> str:
    named = [name.replace("_", " ") for name in problems if name != NON_FIELD_ERRORS]
    if not named:
        return " ".join(sentence for sentences in problems.values() for sentence in sentences)
    return f"Please correct {', '.join(named)}."
