"""What holds a step back leads to where it is mended, from the page of the record and from the form of the step."""

from __future__ import annotations

from urllib.parse import urldefrag

from django.test import Client
from django.utils.html import escape

from ops.web.addresses import step_url
from ops.web.records.mending import PLACES, mends_of
from ops.workflow import registry
from ops.workflow.models import Stateful
from tests.cast import Cast
from tests.contracts.conftest import Edge, only


def test_every_guard_says_where_it_is_mended_or_that_it_is_not() -> None:
    named = {
        (model.workflow.kind, guard.about)
        for model in registry.models()
        for step in model.workflow.steps()
        for guard in step.only_if
        if guard.about
    }
    named |= {
        (model.workflow.kind, place.about)
        for model in registry.models()
        for place in model.workflow.workplaces.values()
    }
    fields = {
        (model.workflow.kind, name)
        for model in registry.models()
        for _, names in model.workflow.edits
        for name in names
    }
    assert named - fields - set(PLACES) == set()
    assert set(PLACES) - named == set()


@only(lambda step: step.only_if)
def test_a_step_that_waits_leads_to_what_mends_it(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.factory.break_guard(edge.step, standing, cast)
    actor, browser = edge.allowed(cast, obj), Client()
    browser.force_login(actor)
    form = browser.get(step_url(obj, edge.step.name))
    assert form.status_code == 409
    for mend in mends_of(obj, edge.step, actor):
        assert escape(mend.sentence) in form.content.decode()
        where, anchor = urldefrag(mend.form_url or mend.url)
        if where:
            assert f'href="{escape(mend.form_url or mend.url)}"' in form.content.decode()
            there = browser.get(where, follow=True)
            assert there.status_code == 200, where
            for place in [anchor, *(urldefrag(url).fragment for url, _ in there.redirect_chain)]:
                assert not place or f'id="{place}"' in there.content.decode(), where
