"""The life of an issue and of an announcement, each on one screen."""

from __future__ import annotations

from ops.issues.parties import acceptors, community, forum_watcher, whoever_waits
from ops.issues.rules import (
    announcement_is_published,
    children_are_finished,
    documentation_is_settled,
    is_draft,
    is_untriaged,
)
from ops.people.authority import is_community_scientist, is_lead, is_signed_in, is_system
from ops.tickets.parties import assignee, community_scientists, leads, mentioned, reporter, watchers
from ops.tickets.rules import is_assignee, is_product_owner, is_reporter
from ops.workflow.declaration import Back, Creation, Phase, States, Workflow, transition

ABOUT_THE_REPORT = ("title", "description", "component", "visibility", "forum_topic", "labels")
ABOUT_THE_WORK = (
    *ABOUT_THE_REPORT,
    "origin", "importance", "urgency", "threat_to_science", "due_at", "promised_reply_at", "parent",
    "workaround", "strategy", "resolution_code", "resolution_text",
    "documentation", "documentation_url", "major_change", "story_points",
)  # fmt: skip


class IssueWorkflow(Workflow):
    """How a scientific risk, problem or opportunity becomes a resolution that everybody can see (RTN-006 §2.5.1)."""

    kind, prefix, title, plural = "issue", "CST", "Issue", "Issues"

    class State(States):
        """Where an issue stands."""

        REPORTED = "reported", Phase.OPEN, "Reported"
        TRIAGED = "triaged", Phase.OPEN, "Triaged"
        INVESTIGATING = "investigating", Phase.ACTIVE, "Investigating"
        PLANNED = "planned", Phase.ACTIVE, "Planned"
        IN_PROGRESS = "in_progress", Phase.ACTIVE, "In progress"
        IN_REVIEW = "in_review", Phase.ACTIVE, "In review"
        RESOLVED = "resolved", Phase.GOOD_END, "Resolved"
        CLOSED = "closed", Phase.GOOD_END, "Closed"
        WAITING = "waiting", Phase.WAITING, "Waiting"
        REDIRECTED = "redirected", Phase.BAD_END, "Redirected"
        DECLINED = "declined", Phase.BAD_END, "Declined"
        DUPLICATE = "duplicate", Phase.BAD_END, "Duplicate"

    WORKING = (State.TRIAGED, State.INVESTIGATING, State.PLANNED, State.IN_PROGRESS, State.IN_REVIEW)
    final = (State.REDIRECTED, State.DECLINED)
    facts = ("priority", "promised_reply_at", "resume_at")
    held_by = {
        State.REPORTED: forum_watcher,
        State.TRIAGED: assignee,
        State.INVESTIGATING: assignee,
        State.PLANNED: assignee,
        State.IN_PROGRESS: assignee,
        State.IN_REVIEW: acceptors,
        State.RESOLVED: community_scientists,
        State.WAITING: whoever_waits,
    }
    creation = Creation(
        to=State.REPORTED,
        by=is_signed_in,
        asks=("title",),
        offers=(
            "description", "component", "visibility", "importance", "urgency", "threat_to_science",
            "origin", "forum_topic", "labels", "parent", "watchers",
        ),
        tells=(forum_watcher, watchers, mentioned),
    )  # fmt: skip
    edits = (
        # The automation brings over what another tracker changes in an issue that was imported from it.
        (is_community_scientist | is_assignee | is_system, ("assignee", *ABOUT_THE_WORK)),
        (is_reporter & is_untriaged, ABOUT_THE_REPORT),
    )
    tells_of_edits = (assignee, watchers)

    @transition(State.REPORTED, to=State.TRIAGED, by=is_community_scientist,
                asks=("assignee", "component", "importance", "urgency"),
                offers=("due_at", "promised_reply_at", "threat_to_science", "watchers"),
                tells=(assignee, reporter, watchers))  # fmt: skip
    def triage(self):
        """Give the issue an owner with the expertise, a product and a priority."""

    @transition(State.TRIAGED, to=State.INVESTIGATING, by=is_assignee | is_community_scientist,
                tells=(reporter, watchers))  # fmt: skip
    def investigate(self):
        """Find out what is behind it."""

    @transition(State.INVESTIGATING, to=State.PLANNED, by=is_assignee, asks=("strategy",),
                offers=("workaround", "story_points", "major_change"), tells=(reporter, watchers))  # fmt: skip
    def plan(self):
        """Say how it will be resolved."""

    @transition(State.PLANNED, to=State.IN_PROGRESS, by=is_assignee, tells=(reporter, watchers))
    def start(self):
        """Begin the work that the strategy describes."""

    @transition(State.IN_PROGRESS, to=State.IN_REVIEW, by=is_assignee | is_community_scientist,
                asks=("resolution_code", "resolution_text"),
                offers=("documentation", "documentation_url", "major_change"),
                tells=(acceptors, watchers), label="Send to review")  # fmt: skip
    @transition(State.TRIAGED, State.INVESTIGATING, to=State.IN_REVIEW, by=is_assignee | is_community_scientist,
                asks=("resolution_code", "resolution_text", "skip_reason"),
                offers=("documentation", "documentation_url", "major_change"),
                tells=(acceptors, watchers), label="Send to review")  # fmt: skip
    def submit_for_review(self):
        """Say what the resolution is and let the reporter or the product owner judge it."""

    @transition(State.IN_REVIEW, to=State.RESOLVED,
                by=(is_reporter | is_product_owner | is_lead) & ~is_assignee,
                tells=(assignee, reporter, watchers, community_scientists))  # fmt: skip
    def accept(self):
        """Agree that this resolves it."""
        self.resolved_at = self.performance.moment

    @transition(State.IN_REVIEW, to=State.PLANNED, reason=True,
                by=(is_reporter | is_product_owner | is_lead) & ~is_assignee,
                tells=(assignee, reporter, watchers), label="Ask for rework")  # fmt: skip
    def rework(self):
        """Say what is still missing."""
        self.rework_count += 1

    @transition(State.IN_PROGRESS, to=State.PLANNED, by=is_assignee, reason=True, offers=("strategy",),
                tells=(reporter, watchers))  # fmt: skip
    @transition(State.PLANNED, State.INVESTIGATING, to=State.TRIAGED, by=is_assignee, reason=True,
                tells=(reporter, watchers, leads))  # fmt: skip
    def replan(self):
        """Go a step back, because what was planned does not work out."""
        self.replan_count += 1

    @transition(State.RESOLVED, to=State.CLOSED, by=is_community_scientist,
                only_if=(documentation_is_settled, announcement_is_published, children_are_finished),
                tells=(assignee, reporter, watchers))  # fmt: skip
    def close(self):
        """Finish: documented, announced, nothing left open below it."""

    @transition(State.RESOLVED, State.CLOSED, to=State.TRIAGED, by=is_reporter | is_community_scientist,
                reason=True, tells=(assignee, reporter, watchers))  # fmt: skip
    def reopen(self):
        """Say why it is not resolved after all."""
        self.reopen_count += 1
        self.resolved_at = None

    @transition(*WORKING, to=State.WAITING, by=is_assignee | is_community_scientist,
                asks=("waiting_for", "resume_at"), tells=(assignee, reporter, watchers))  # fmt: skip
    def wait(self):
        """Pause the clocks until somebody else has done their part; the issue returns by itself."""
        self.state_before_waiting = self.state

    @transition(State.WAITING, to=Back("state_before_waiting", *WORKING),
                by=is_assignee | is_community_scientist | is_system, tells=(assignee, watchers))  # fmt: skip
    def resume(self):
        """Go on where it was left."""
        self.waiting_for, self.resume_at = "", None

    @transition(State.REPORTED, State.TRIAGED, to=State.REDIRECTED, by=is_community_scientist,
                asks=("venue",), reason=True, tells=(reporter, watchers))  # fmt: skip
    def redirect(self):
        """Name the place that can help, politely: accounts and technical access are looked after elsewhere."""

    @transition(State.REPORTED, State.TRIAGED, State.INVESTIGATING, to=State.DECLINED, by=is_community_scientist,
                reason=True, tells=(assignee, reporter, watchers))  # fmt: skip
    def decline(self):
        """Say why nothing will be done; the reporter reads it."""

    @transition(State.REPORTED, *WORKING, State.WAITING, to=State.DUPLICATE, by=is_community_scientist,
                asks=("duplicate_of",), tells=(assignee, reporter, watchers))  # fmt: skip
    def mark_duplicate(self):
        """Name the issue that is about the same; everybody who follows this one follows that one from now on."""
        self.move_followers(self.performance.actor)

    @transition(State.DUPLICATE, to=State.REPORTED, by=is_community_scientist, reason=True,
                tells=(reporter, watchers))  # fmt: skip
    def separate(self):
        """Undo: it is an issue of its own after all, and nothing that was written on it is lost."""
        self.forget_duplicate()


class AnnouncementWorkflow(Workflow):
    """How a major change to a data product or service is told to the community (RTN-006 §2.5.1)."""

    kind, title, plural = "announcement", "Announcement", "Announcements"

    class State(States):
        """Where an announcement stands."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        APPROVED = "approved", Phase.ACTIVE, "Approved"
        PUBLISHED = "published", Phase.GOOD_END, "Published"

    final = (State.PUBLISHED,)
    held_by = {State.DRAFT: leads, State.APPROVED: community_scientists}
    creation = Creation(
        to=State.DRAFT, by=is_community_scientist, asks=("title", "body"), offers=("tickets",), tells=(leads,)
    )
    edits = ((is_community_scientist & is_draft, ("title", "body", "tickets")),)

    @transition(State.DRAFT, to=State.APPROVED, by=is_lead, tells=(community_scientists,))
    def approve(self):
        """Agree that this may go out as it is."""

    @transition(State.APPROVED, to=State.PUBLISHED, by=is_community_scientist, tells=(community,))
    def publish(self):
        """Send it to the whole community and show it on the public page."""
        self.published_at = self.performance.moment

    @transition(State.APPROVED, to=State.DRAFT, by=is_community_scientist, reason=True,
                tells=(leads,), label="Back to draft")  # fmt: skip
    def revise(self):
        """Take it back to change it; it needs approval again."""
