"""State diagrams: nothing lies on anything else, nothing is missing, and the same graph gives the same picture."""

import os
import re
import subprocess
import sys
from itertools import combinations, pairwise
from random import Random
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.issues.workflow import IssueWorkflow
from ops.workflow.declaration import Phase
from ops.workflow.diagram import Arrow, Graph, Node, as_rows, as_text, declared, draw, lay_out
from ops.workflow.diagram.lettering import clean, width_of, wrap
from ops.workflow.diagram.plan import Kind
from tests.effort import calls_made
from tests.workflow.diagram_samples import CAMPAIGN, WORKFLOWS, states, steps

SVG = "{http://www.w3.org/2000/svg}"


every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS.keys())


def stretches(layout):
    """Every straight piece of every line, as (left, top, right, bottom), with what it may be shared with.

    Arrows of one rail share it, and what leaves a state on one side shares the trunk; nothing else may.
    """
    for route in layout.routes:
        points, arrow = route.points, route.arrow
        homeward = len(points) == 3 and points[0][0] == points[1][0]
        holder, owner = (arrow.target, arrow.source) if homeward else (arrow.source, arrow.target)
        keys = [
            ("trunk", holder, route.kind is Kind.BACK),
            ("rail", owner, route.kind),
            ("way in", owner, route.kind),
        ]
        if route.kind is None:
            keys = [("step", holder, owner)]
        for key, ((x1, y1), (x2, y2)) in zip(
            keys, pairwise(points[::-1] if homeward else points), strict=False
        ):
            yield key, (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def runs_through(stretch, box):
    left, top, right, bottom = stretch
    return left < box.right and box.x < right and top < box.bottom and box.y < bottom


def lies_on(one, other):
    """Whether two pieces share more than a point."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left == right and top < bottom) or (top == bottom and left < right)


def assert_nothing_overlaps(layout):
    boxes = [placed.box for placed in layout.nodes] + [label.box for label in layout.labels]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert min(box.x, box.y) >= 0
        assert box.right <= layout.width
        assert box.bottom <= layout.height
    lines = set(stretches(layout))
    for _, (left, top, right, bottom) in lines:
        assert left == right or top == bottom
    for key, stretch in lines:
        for box in boxes:
            assert not runs_through(stretch, box), (key, stretch, box)
    for (key, stretch), (other_key, other) in combinations(lines, 2):
        assert key == other_key or not lies_on(stretch, other), (key, other_key)


def assert_everything_is_there(layout, nodes, arrows):
    assert [placed.node for placed in layout.nodes] == nodes
    loops = [lettering.arrow for placed in layout.nodes for lettering in placed.body.loops]
    assert sorted([label.lettering.arrow for label in layout.labels] + loops, key=str) == sorted(
        arrows, key=str
    )
    assert sorted([route.arrow for route in layout.routes] + loops, key=str) == sorted(arrows, key=str)
    boxes = {placed.node.name: placed.box for placed in layout.nodes}
    for route in layout.routes:
        assert touches(boxes[route.arrow.source], route.points[0])
        assert touches(boxes[route.arrow.target], route.points[-1])


MOST_CALLS = 1_500_000
"""More work than any workflow is worth."""


def lay_out_within_bounds(nodes, arrows):
    layout, calls = calls_made(lambda: lay_out(Graph(nodes, arrows)))
    assert calls < MOST_CALLS
    return layout


def touches(box, point):
    x, y = point
    on_side = x in {box.x, box.right} and box.y < y < box.bottom
    return on_side or (y in {box.y, box.bottom} and box.x < x < box.right)


@every_workflow
def test_nothing_lies_on_anything_else(workflow):
    assert_nothing_overlaps(lay_out(Graph(*workflow)))


@every_workflow
def test_every_state_and_every_arrow_is_there(workflow):
    assert_everything_is_there(lay_out(Graph(*workflow)), *workflow)


@every_workflow
def test_a_workflow_of_ours_fits_a_page(workflow):
    layout = lay_out(Graph(*workflow))
    assert layout.width <= 1200
    assert layout.height <= 1250


# Mostly main way, mostly beside it, and all between: each kind makes other knots.
MIXTURES = [list(Phase), [Phase.ACTIVE], [Phase.ACTIVE, Phase.BAD_END], [Phase.WAITING]]


@st.composite
def graphs(draw_from):
    size = draw_from(st.integers(1, 30))
    phases = draw_from(
        st.lists(st.sampled_from(draw_from(st.sampled_from(MIXTURES))), min_size=size, max_size=size)
    )
    texts = draw_from(st.lists(st.text(max_size=60), min_size=1, max_size=5))
    nodes = [
        Node(f"s{n}", texts[n % len(texts)], phase, texts[-n % len(texts)]) for n, phase in enumerate(phases)
    ]
    ends = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))
    pairs = draw_from(st.lists(ends, max_size=3 * size))
    arrows = [Arrow(f"a{n}", texts[n % len(texts)], f"s{s}", f"s{t}") for n, (s, t) in enumerate(pairs)]
    return nodes, arrows


@given(graphs())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_graph_is_drawn_without_overlap_and_with_bounded_work(graph):
    nodes, arrows = graph
    layout = lay_out_within_bounds(nodes, arrows)
    assert_nothing_overlaps(layout)
    assert_everything_is_there(layout, nodes, arrows)
    ET.fromstring(draw(nodes, arrows, title="Any", standalone=True))


@pytest.mark.parametrize("share_of_main_way", [0.1, 0.4, 0.8])
def test_knots_beside_the_main_way_are_drawn_without_overlap(share_of_main_way):
    """Small graphs with many states beside the way, more than shrinking examples would reach."""
    chance = Random(2026)
    for _ in range(80):
        size = chance.randint(3, 14)
        nodes = [
            Node(f"s{n}", "State " * chance.randint(1, 3), choose_phase(chance, share_of_main_way))
            for n in range(size)
        ]
        arrows = [
            Arrow(
                f"a{n}", "Go on " * chance.randint(1, 4), chance.choice(nodes).name, chance.choice(nodes).name
            )
            for n in range(chance.randint(1, 2 * size))
        ]
        layout = lay_out(Graph(nodes, arrows))
        assert_nothing_overlaps(layout)
        assert_everything_is_there(layout, nodes, arrows)


def choose_phase(chance, share_of_main_way):
    return Phase.ACTIVE if chance.random() < share_of_main_way else Phase.BAD_END


def test_a_rail_that_shares_a_column_stays_outside_the_states_whose_trunks_lead_to_it():
    """A knot that chance finds once in a hundred graphs: the free column further in is the wrong one."""
    nodes = states("a bad_end\nb active\nc bad_end\nd bad_end\ne bad_end\nf bad_end")
    arrows = steps("go: d > a\ngo: d > c\ngo: e > f\ngo: a > b\ngo: e > c")
    layout = lay_out(Graph(nodes, arrows))
    assert_nothing_overlaps(layout)
    assert_everything_is_there(layout, nodes, arrows)


@pytest.mark.parametrize("phase", [Phase.ACTIVE, Phase.BAD_END])
def test_thirty_states_joined_each_to_each_are_drawn_with_bounded_work(phase):
    nodes = [Node("s0", "First")] + [Node(f"s{n}", f"State {n}", phase) for n in range(1, 30)]
    arrows = [Arrow("go", "Go", a.name, b.name) for a in nodes for b in nodes if a is not b]
    layout = lay_out_within_bounds(nodes, arrows)
    assert len(layout.routes) == 30 * 29


def test_the_main_way_passes_neither_waiting_nor_bad_ends():
    assert Graph(*WORKFLOWS["issue"]).spine() == (
        "reported", "triaged", "investigating", "planned", "in_progress", "in_review", "resolved", "closed",
    )  # fmt: skip
    assert Graph(*CAMPAIGN).spine() == ("running", "awaiting_sign_off", "signed_off", "closed")


def test_what_leads_back_runs_left_of_the_main_way_and_what_leads_aside_right_of_it():
    layout = lay_out(Graph(*WORKFLOWS["issue"]))
    triaged = next(placed.box for placed in layout.nodes if placed.node.name == "triaged")
    for route in layout.routes:
        xs = [x for x, _ in route.points]
        if route.kind is Kind.BACK:
            assert max(xs) <= triaged.x
        elif route.kind is not None:
            assert min(xs) >= triaged.right
    back = {(r.arrow.name, r.arrow.source, r.arrow.target) for r in layout.routes if r.kind is Kind.BACK}
    assert back == {
        ("replan", "investigating", "triaged"),
        ("replan", "planned", "triaged"),
        ("replan", "in_progress", "planned"),
        ("rework", "in_review", "planned"),
        ("reopen", "resolved", "triaged"),
        ("reopen", "closed", "triaged"),
    }


def test_arrows_with_one_destination_share_one_rail():
    layout = lay_out(Graph(*WORKFLOWS["issue"]))
    into_declined = [route for route in layout.routes if route.arrow.target == "declined"]
    assert len(into_declined) == 3
    assert len({route.points[-1] for route in into_declined}) == 1
    assert len({route.points[1][0] for route in into_declined}) == 1


def test_parallel_arrows_stack_their_words_on_one_line():
    nodes = states("here open\nthere good_end")
    layout = lay_out(Graph(nodes, steps("walk: here > there\nride: here > there")))
    walk, ride = layout.labels
    assert walk.box.bottom == ride.box.y
    assert layout.routes[0].points == layout.routes[1].points


def test_an_arrow_that_returns_at_once_is_listed_in_its_state():
    svg = ET.fromstring(draw(states("draft open"), steps("remind: draft > draft"), title="Loop"))
    (state,) = by_class(svg, "diagram-state")
    assert [text.text for text in state.iter(f"{SVG}text")] == ["Draft", "↻ Remind"]


def by_class(svg, name):
    return [element for element in svg.iter() if name in element.get("class", "").split()]


@every_workflow
def test_the_picture_names_every_state_and_arrow(workflow):
    nodes, arrows = workflow
    svg = ET.fromstring(draw(nodes, arrows, title="Life"))
    assert [state.get("data-state") for state in by_class(svg, "diagram-state")] == [
        node.name for node in nodes
    ]
    drawn = [
        (arrow.get("data-arrow"), arrow.get("data-source"), arrow.get("data-target"))
        for arrow in by_class(svg, "diagram-arrow")
    ]
    assert sorted(drawn) == sorted((arrow.name, arrow.source, arrow.target) for arrow in arrows)


def test_the_picture_is_an_image_with_a_name_and_a_description():
    svg = ET.fromstring(draw(*WORKFLOWS["issue"], title="Life of an issue", current="planned"))
    assert svg.get("role") == "img"
    named = {element.get("id"): element.text for element in svg if element.get("id")}
    assert named[svg.get("aria-labelledby")] == "Life of an issue"
    description = named[svg.get("aria-describedby")]
    assert description.startswith("A diagram of 12 states")
    assert (
        "Reported, Triaged, Investigating, Planned, In progress, In review, Resolved, Closed" in description
    )
    assert description.endswith("now in the state Planned.")


def test_a_strict_content_security_policy_lets_the_picture_through():
    svg = draw(*WORKFLOWS["issue"], title="Life", current="waiting", taken=[("wait", "planned", "waiting")])
    for element in ET.fromstring(svg).iter():
        assert element.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "g",
            "rect",
            "path",
            "circle",
            "text",
        }
        assert not {"style", "href", "fill", "stroke"} & set(element.keys())
        assert not [key for key in element.attrib if key.startswith("on")]


def test_current_state_and_the_way_so_far_are_marked_and_nothing_else():
    taken = [
        ("create", "", "reported"),  # how an object began is an event, but not an arrow
        ("triage", "reported", "triaged"),
        ("wait", "triaged", "waiting"),
    ]
    svg = ET.fromstring(draw(*WORKFLOWS["issue"], title="Life", current="waiting", taken=taken))
    assert [state.get("data-state") for state in by_class(svg, "is-current")] == ["waiting"]
    assert len(by_class(svg, "diagram-ring")) == 1
    marked = [group for group in by_class(svg, "is-taken") if group.get("data-arrow")]
    assert sorted(group.get("data-arrow") for group in marked) == ["triage", "wait"]
    assert len([line for line in by_class(svg, "diagram-line") if "is-taken" in line.get("class")]) == 2


def test_unmarked_picture_marks_nothing():
    svg = draw(*WORKFLOWS["issue"], title="Life")
    assert "is-current" not in svg
    assert "is-taken" not in svg
    assert "diagram-ring" not in svg


def test_standalone_picture_carries_its_colours_for_light_and_dark():
    alone = ET.fromstring(draw(*WORKFLOWS["issue"], title="Life", standalone=True))
    (style,) = alone.iter(f"{SVG}style")
    assert "prefers-color-scheme: dark" in style.text
    assert "diagram-alone" in alone.get("class").split()
    assert "<style" not in draw(*WORKFLOWS["issue"], title="Life")


def test_the_style_sheet_knows_every_class_of_the_picture():
    picture = draw(
        *WORKFLOWS["issue"],
        title="Life",
        standalone=True,
        current="waiting",
        taken=[("wait", "planned", "waiting")],
    )
    alone = ET.fromstring(picture)
    sheet = next(alone.iter(f"{SVG}style")).text
    used = {name for element in alone.iter() for name in element.get("class", "").split()}
    groups = {
        "diagram-state",
        "diagram-arrow",
        "diagram-entry",
        "is-current",
    }  # to be found by, not to be painted
    neutral = {"diagram-trunk", "diagram-back", "diagram-skip"}  # painted as every line
    assert used - groups - neutral <= set(re.findall(r"\.([a-z][a-z-]*)", sheet))
    light = set(re.findall(r"(--diagram-[a-z-]+): var", sheet))
    dark = set(re.findall(r"(--diagram-[a-z-]+): #", sheet))
    assert light == dark
    assert set(re.findall(r"var\((--diagram-[a-z-]+)\)", sheet)) == light


def test_text_is_escaped_wherever_it_stands():
    evil = '<script>alert("1")</script> & \x00\x1b\ud800 "\'>'
    nodes = [Node("a", evil, Phase.OPEN, evil), Node(evil, evil, Phase.GOOD_END)]
    arrows = [Arrow(evil, evil, "a", evil), Arrow("again", evil, "a", "a")]
    svg = draw(nodes, arrows, title=evil, description=evil, current=evil)
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert not list(root.iter(f"{SVG}script"))
    assert root.find(f"{SVG}title").text == clean(evil)
    assert by_class(root, "is-current")[0].get("data-state") == clean(evil)


def test_the_same_input_gives_the_same_bytes_in_every_process():
    program = (
        "import hashlib, django; django.setup();"
        "from ops.workflow.diagram import draw;"
        "from tests.workflow.diagram_samples import WORKFLOWS;"
        "print([hashlib.sha256(draw(*w, title='Life').encode()).hexdigest() for w in WORKFLOWS.values()])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(printed) == 1


def test_two_pictures_in_one_page_do_not_share_their_ids():
    one, other = (draw(*WORKFLOWS[name], title="Life") for name in ("issue", "announcement"))
    assert not set(re.findall(r' id="([^"]+)"', one)) & set(re.findall(r' id="([^"]+)"', other))


@pytest.mark.parametrize(
    ("nodes", "arrows", "sentence"),
    [
        ([], [], "at least one state"),
        ([Node("a", "A"), Node("a", "B")], [], "Two states are called 'a'"),
        ([Node("a", "A")], [Arrow("go", "Go", "a", "b")], "unknown state: 'b'"),
        ([Node("a", "A")], [Arrow("go", "Go", "c", "a")], "unknown state: 'c'"),
    ],
)
def test_a_graph_that_is_none_is_refused_with_a_sentence(nodes, arrows, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        draw(nodes, arrows, title="Life")


def test_a_current_state_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no state 'gone'"):
        draw([Node("a", "A")], [], title="Life", current="gone")


def test_the_table_says_the_same_in_words():
    nodes, arrows = CAMPAIGN
    assert as_rows(nodes, arrows)[:3] == [
        ("Running", "Ask", "Awaiting sign off"),
        ("Running", "Cancel", "Cancelled"),
        ("Awaiting sign off", "Sign", "Signed off"),
    ]
    assert ("Closed", "", "") in as_rows(nodes, arrows)
    lines = as_text(nodes, arrows).splitlines()
    assert lines[0].split() == ["From", "Transition", "To"]
    assert len(lines) == 1 + len(arrows) + len({"closed", "cancelled"})
    assert {line.index(word) for line, word in zip(lines, ["Transition", "Ask", "Cancel"], strict=False)} == {
        lines[0].index("Transition")
    }


def test_declared_workflow_gives_an_arrow_for_every_source_and_target():
    nodes, arrows = declared(IssueWorkflow)
    notes = {node.name: node.note for node in nodes}
    assert notes["triaged"] == IssueWorkflow.held_by["triaged"].words
    assert notes["closed"] == ""
    resumes = {(arrow.source, arrow.target) for arrow in arrows if arrow.name == "resume"}
    assert resumes == {("waiting", state) for state in IssueWorkflow.WORKING}


@given(st.text(max_size=200), st.integers(40, 200), st.booleans())
def test_wrapped_lines_keep_the_text_and_stay_within_the_limit(text, limit, bold):
    lines = wrap(text, 12, limit, bold=bold)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")
    assert all(width_of(line, 12, bold=bold) <= limit for line in lines)
