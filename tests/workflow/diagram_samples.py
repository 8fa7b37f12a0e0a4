"""Graphs to draw: our own workflows, and two of the size and the knots that later ones will have."""

import re

from ops.issues.workflow import AnnouncementWorkflow, IssueWorkflow
from ops.workflow.declaration import Phase
from ops.workflow.diagram import Arrow, Node, declared


def states(text):
    """Read `name phase` pairs, one a line."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [Node(name, name.replace("_", " ").capitalize(), Phase(phase)) for name, phase in lines]


def steps(text):
    """Read `name: sources > target`, one a line."""
    found = []
    for line in text.strip().splitlines():
        name, sources, target = re.split(r"[:>]", line)
        label = name.strip().replace("_", " ").capitalize()
        found += [Arrow(name.strip(), label, source, target.strip()) for source in sources.split()]
    return found


RESOURCE_REQUEST = (
    states("""
        draft open
        submitted open
        returned waiting
        assessed active
        in_review active
        discussed active
        ranked active
        recommended active
        awarded active
        declined bad_end
        accepted active
        provisioning active
        active active
        grace active
        expired good_end
        revoked bad_end
        withdrawn bad_end
        under_appeal waiting
        lapsed bad_end
    """),
    steps("""
        submit: draft > submitted
        return: submitted > returned
        resubmit: returned > submitted
        assess: submitted > assessed
        send_to_review: assessed > in_review
        reassess: in_review > assessed
        discuss: in_review > discussed
        review_again: discussed > in_review
        rank: discussed > ranked
        rank_again: ranked > discussed
        recommend: ranked > recommended
        award: recommended > awarded
        award_directly: submitted > awarded
        decline: submitted recommended > declined
        appeal: declined > under_appeal
        uphold: under_appeal > declined
        grant_the_appeal: under_appeal > in_review
        accept: awarded > accepted
        lapse: awarded > lapsed
        provision: accepted > provisioning
        activate: provisioning > active
        end_the_period: active > grace
        extend: grace > active
        expire: grace > expired
        revoke: provisioning active grace > revoked
        withdraw: draft submitted returned assessed in_review discussed ranked recommended awarded > withdrawn
    """),
)
CAMPAIGN = (
    states("""
        running active
        awaiting_sign_off active
        signed_off good_end
        signed_off_with_conditions good_end
        refused bad_end
        closed good_end
        cancelled bad_end
    """),
    steps("""
        ask: running > awaiting_sign_off
        sign: awaiting_sign_off > signed_off
        sign_with_conditions: awaiting_sign_off > signed_off_with_conditions
        refuse: awaiting_sign_off > refused
        close: signed_off signed_off_with_conditions refused > closed
        cancel: running awaiting_sign_off > cancelled
    """),
)
WORKFLOWS = {
    "issue": declared(IssueWorkflow),
    "announcement": declared(AnnouncementWorkflow),
    "resource request": RESOURCE_REQUEST,
    "campaign": CAMPAIGN,
}
