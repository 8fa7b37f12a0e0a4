"""What people are written about issues, by the real outbox and mail server: nothing above what they may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from django.core.files.base import ContentFile
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.services import attach, comment, edit_comment, invite, watch
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import issue_in
from tests.mail import Post

ADDRESS = "plain@institute.example"


def test_a_report_is_told_to_the_watch_and_not_to_who_wrote_it(cast: Cast, post: Post) -> None:
    issue = create(
        Issue, actor=cast.reporter, data={"title": "Empty plot", "watchers": ["outsider", ADDRESS]}
    )
    told = post.told()
    assert set(told) == {"watcher", "outsider", ADDRESS}
    assert f"Subject: [{issue.key}] Empty plot" in told["watcher"]
    assert f"{issue.key} is reported and waits for you." in told["watcher"]
    assert "waits for you" not in told["outsider"]
    assert f"/tickets/{issue.key}/" in told[ADDRESS]


def test_who_declines_writes_to_the_reporter_why(cast: Cast, post: Post) -> None:
    issue = issue_in("reported", cast)
    post.collected()
    perform(issue, "decline", actor=cast.scientist, reason="The plot is empty by *design*.")
    told = post.told()
    assert set(told) == {"reporter"}
    assert "The plot is empty by *design*." in told["reporter"]
    assert "<em>design</em>" in told["reporter"]


def test_who_redirects_names_the_place_in_the_letter(cast: Cast, post: Post) -> None:
    issue = issue_in("reported", cast)
    post.collected()
    perform(issue, "redirect", actor=cast.scientist, data={"venue": "accounts"}, reason="They reset it.")
    assert "Account and sign-in help" in post.told()["reporter"]


def test_triage_is_told_once_to_each_whatever_they_are(cast: Cast, post: Post) -> None:
    issue = create(
        Issue,
        actor=cast.staff,
        data={
            "title": "T",
            "component": "portal",
            "importance": "low",
            "urgency": "low",
            "watchers": ["staff"],
        },
    )
    post.collected()
    perform(issue, "triage", actor=cast.scientist, data={"assignee": "staff"})
    letters = post.collected()
    assert {address: len(mails) for address, mails in letters.items()} == {"staff@example.org": 1}


def test_many_changes_of_one_ticket_are_one_letter(cast: Cast, post: Post) -> None:
    issue = issue_in("triaged", cast)
    post.collected()
    for title in ("One", "Two", "Three"):
        edit(issue, actor=cast.scientist, data={"title": title})
    comment(issue, actor=cast.scientist, body="That is all.")
    (letter,) = post.collected()["assignee@example.org"]
    assert letter["Subject"] == f"[{issue.key}] Three"


def test_what_may_be_seen_is_asked_at_the_moment_of_sending(cast: Cast, post: Post) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Marmot", "watchers": ["outsider", ADDRESS]})
    comment(issue, actor=cast.staff, body="Marmot, indeed.")
    edit(issue, actor=cast.lead, data={"visibility": "confidential"})
    told = post.told()
    assert set(told) == {"reporter"}, "everybody else hears nothing, not even that there was something"


def test_who_is_let_in_reads_what_was_said_to_participants(cast: Cast, post: Post) -> None:
    issue = edit(issue_in("triaged", cast), actor=cast.lead, data={"visibility": "confidential"})
    invite(issue, actor=cast.reporter, person=cast.outsider)
    watch(issue, actor=cast.outsider)
    post.collected()
    comment(issue, actor=cast.reporter, body="Marmot.", visibility="participants")
    assert "Marmot" in post.told()["outsider"]


def test_a_published_announcement_reaches_everybody_and_the_followers_of_its_tickets(
    cast: Cast, post: Post
) -> None:
    hidden = issue_in("reported", cast, title="Marmot", visibility="confidential")
    issue = issue_in("triaged", cast, watchers=[ADDRESS])
    post.collected()
    news = create(
        Announcement,
        actor=cast.lead,
        data={"title": "New plots", "body": "They are full.", "tickets": [issue.key, hidden.key]},
    )
    news = perform(news, "approve", actor=cast.lead)
    post.collected()
    perform(news, "publish", actor=cast.scientist)
    told = post.told()
    assert set(told) == {ADDRESS} | {person.username for person in cast.people()} - {"system", "scientist"}
    assert all(issue.key in letter and "They are full." in letter for letter in told.values())
    assert {name for name, letter in told.items() if "Marmot" in letter or hidden.key in letter} <= {
        "lead",
        "reporter",
    }


# Nothing above what they may see, whatever happens in whatever order

SEES = {
    "public": {ADDRESS, "follower", "staff", "invited", "reporter", "assignee", "lead"},
    "community": {"follower", "staff", "invited", "reporter", "assignee", "lead"},
    "staff": {"staff", "invited", "reporter", "assignee", "lead"},
    "confidential": {"invited", "reporter", "assignee", "lead"},
}
READS = {
    "public": SEES["public"],
    "participants": {"staff", "invited", "reporter", "assignee", "lead"},
    "staff": {"staff", "assignee", "lead"},
}
_numbers = count(1)


@dataclass
class Secrets:
    """Words that stand in what is said, and who may read each of them while they see the ticket."""

    readers: dict[str, set[str]] = field(default_factory=dict)

    def word(self, readers: set[str]) -> str:
        made = f"marmot{next(_numbers)}z"
        self.readers[made] = readers
        return made


def everybody_around(cast: Cast, secrets: Secrets) -> Issue:
    """An issue that everybody follows, whatever they may see of it."""
    for name in ("follower", "invited"):
        User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.org"})
    everybody = SEES["public"]
    issue = create(
        Issue,
        actor=cast.scientist,
        data={
            "title": secrets.word(everybody),
            "description": f"{secrets.word(everybody)} @staff",
            "labels": [secrets.word(everybody)],
            "watchers": ["follower", "invited", "staff", "lead", ADDRESS],
        },
        reporter=cast.reporter,
    )
    triage = {"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "low"}
    issue = perform(issue, "triage", actor=cast.scientist, data=triage)
    invite(issue, actor=cast.scientist, person=User.objects.get(username="invited"))
    return issue


def happen(what: str, audience: str, issue: Issue, hidden: Issue, cast: Cast, secrets: Secrets) -> None:
    """One thing happens to the issue, done by the lead, who sees it whatever becomes of it."""
    word = secrets.word(READS[audience])
    match what:
        case "comment":
            comment(issue, actor=cast.director, body=f"{word} @follower @staff", visibility=audience)
        case "reword":
            said = comment(issue, actor=cast.director, body="First", visibility=audience)
            edit_comment(said, actor=cast.director, body=word)
        case "file":
            comment(
                issue, actor=cast.director, body="See the file.", visibility=audience,
                uploads=[ContentFile(b"x", name=f"{word}.png")],
            )  # fmt: skip
        case "ticket-file":
            secrets.readers[word] = SEES["public"]
            attach(issue, actor=cast.director, upload=ContentFile(b"x", name=f"{word}.png"))
        case "edit":
            secrets.readers[word] = SEES["public"]
            edit(issue, actor=cast.scientist, data={"title": word, "workaround": word})
        case "parent":
            edit(issue, actor=cast.lead, data={"parent": hidden.key, "labels": [what]})


@fuzzing(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visibility=st.sampled_from(list(SEES)),
    story=st.lists(
        st.tuples(
            st.sampled_from(["comment", "reword", "file", "ticket-file", "edit", "parent"]),
            st.sampled_from(list(READS)),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_no_letter_says_what_its_reader_may_not_know(
    cast: Cast, post: Post, visibility: str, story: list[tuple[str, str]]
) -> None:
    secrets = Secrets()
    hidden = create(
        Issue, actor=cast.outsider, data={"title": secrets.word({"lead"}), "visibility": "confidential"}
    )
    secrets.readers[hidden.key] = {"lead"}
    issue = everybody_around(cast, secrets)
    for what, audience in story:
        happen(what, audience, issue, hidden, cast, secrets)
    edit(issue, actor=cast.lead, data={"visibility": visibility})

    told = post.told()

    for name, letter in told.items():
        if name in SEES["public"]:
            assert name in SEES[visibility], f"{name} was written to"
            leaked = {
                word for word, readers in secrets.readers.items() if word in letter and name not in readers
            }
            assert not leaked, f"{name} reads {leaked}"
    for what, audience in story:
        if what == "comment":
            assert READS[audience] & SEES[visibility] <= set(told), "and those who may read it do"
