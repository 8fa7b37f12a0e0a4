"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, include, path, register_converter
from django.utils.text import slugify

from ops.web import feeds
from ops.web.addresses import page_name
from ops.web.finding import KeyConverter, record_models, ticket_models
from ops.web.forms.making import REPORT_KIND
from ops.web.views import (
    accounts,
    announcements,
    around,
    boards,
    drafts,
    home,
    jobs,
    lists,
    making,
    messages,
    operators,
    pages,
    records,
    searching,
    steps,
    talk,
    teams,
    together,
    tokens,
    transparency,
    watch,
    workflows,
)
from ops.web.views import tickets as ticket_pages
from ops.workflow.declaration import Workflow

register_converter(KeyConverter, "key")

of_a_ticket = [
    path("", ticket_pages.ticket, name="ticket"),
    path("story/", ticket_pages.story, name="story"),
    path("do/<slug:name>/", steps.TakeStep.as_view(), name="do"),
    path("edit/", steps.EditRecord.as_view(), name="edit-ticket"),
    path("feed/", feeds.TicketFeed(), name="ticket-feed"),
    path("move/", boards.MoveCard.as_view(), name="move"),
    path("moves/", boards.moves, name="moves"),
    path("comment/", talk.AddComment.as_view(), name="comment"),
    path("comments/<int:comment_id>/edit/", talk.EditComment.as_view(), name="edit-comment"),
    path("comments/<int:comment_id>/history/", talk.comment_history, name="comment-history"),
    path("files/", talk.add_files, name="add-files"),
    path("links/", around.add_link, name="add-link"),
    path("links/<int:link_id>/remove/", around.remove_link, name="remove-link"),
    path("follow/", around.follow, name="follow"),
    path("unfollow/", around.unfollow, name="unfollow"),
    path("followers/", around.sign_up, name="sign-up"),
    path("followers/remove/", around.take_off, name="take-off"),
    path("invitations/", around.let_in, name="invite"),
    path("invitations/remove/", around.withdraw, name="withdraw"),
]
# Each process has a queue under its own name: /issues/.
queues = [
    path(
        f"{slugify(model.workflow.plural)}/",
        lists.queue,
        {"kind": model.workflow.kind},
        f"queue-{model.workflow.kind}",
    )
    for model in ticket_models()
]


def pages_of(workflow: type[Workflow]) -> list[URLPattern]:
    """Return the addresses of what has a life but no key: its page stands under its own name, /announcements/3/."""
    at, kind = f"{slugify(workflow.plural)}/<int:pk>/", {"kind": workflow.kind}
    return [
        path(at, records.record, kind, page_name(workflow)),
        path(f"{at}do/<slug:name>/", steps.TakeStep.as_view(), kind, f"do-{workflow.kind}"),
        path(f"{at}edit/", steps.EditRecord.as_view(), kind, f"edit-{workflow.kind}"),
    ]


urlpatterns = [
    path("", home.home, name="home"),
    path("", include("ops.web.allocations.urls")),
    path("", include("ops.web.committees.urls")),
    path("", include("ops.web.acceptance.urls")),
    path("announcements/", announcements.listing, name="list-announcement"),
    path("announcements/feed/", feeds.AnnouncementsFeed(), name="announcements-feed"),
    path("issues/feed/", feeds.IssuesFeed(), name="issues-feed"),
    path("transparency/", transparency.year, name="transparency"),
    path("transparency/<int:year>/", transparency.year, name="transparency-year"),
    path("tickets/", lists.queue, name="queue"),
    *queues,
    path("tickets/list.csv", lists.queue_csv, name="queue-csv"),
    path("tickets/columns/", lists.choose_columns, name="choose-columns"),
    path("tickets/bulk/", lists.bulk, name="bulk"),
    path("tickets/together/", together.TakeTogether.as_view(), name="together"),
    path("tickets/together/choose/", together.choose, name="choose-together"),
    path("tickets/<key:key>/", include(of_a_ticket)),
    *(page for model in record_models() for page in pages_of(model.workflow)),
    path("watch/", watch.watch, name="list-watch"),
    path("watch/plan/", watch.plan, name="plan-watch"),
    path("watch/leave/", watch.TakeLeave.as_view(), name="take-leave"),
    path("watch/leave/<int:leave_id>/drop/", watch.drop_leave, name="drop-leave"),
    path("watch-weeks/<int:pk>/tick/", watch.tick, name="tick-watch"),
    path("watch-weeks/<int:pk>/swap/", watch.SwapWeek.as_view(), {"kind": "watch"}, name="swap-week"),
    path("attachments/<int:attachment_id>/", talk.attachment, name="attachment"),
    path("board/", boards.board, name="board"),
    path("filters/", lists.save_filter, name="save-filter"),
    path("filters/<int:filter_id>/forget/", lists.forget_filter, name="forget-filter"),
    path("report/", making.MakeNew.as_view(), {"kind": REPORT_KIND}, name="report"),
    path("new/<slug:kind>/", making.MakeNew.as_view(), name="new"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("similar/", making.similar_tickets, name="similar"),
    path("preview/", ticket_pages.preview, name="preview"),
    path("search/", searching.search, name="search"),
    path("suggest/", searching.suggest, name="suggest"),
    path("lookup/<slug:what>/", searching.lookup, name="lookup"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", accounts.profile, name="profile"),
    path("profile/password/", accounts.password, name="password"),
    path("profile/theme/", accounts.theme, name="theme"),
    path("profile/tokens/", tokens.listing, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke-token"),
    path("teams/", teams.listing, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("notifications/", messages.listing, name="notices"),
    path("notifications/open/<str:token>/", messages.opening, name="open-notice"),
    path("notifications/read/", messages.read_all, name="read-all-notices"),
    path("notifications/bell/", messages.bell, name="bell"),
    path("preferences/notifications/", messages.wishes, name="notification-preferences"),
    path("unsubscribe/<str:token>/", messages.unsubscribe, name="unsubscribe"),
    path("drafts/", drafts.keep, name="keep-draft"),
    path("drafts/discard/", drafts.discard, name="discard-draft"),
    path("operators/", operators.desk, name="operators"),
    path("operators/outbox/", operators.messages, name="outbox"),
    path("operators/outbox/send/", operators.send_again, name="send-again"),
    path("operators/endpoints/<int:endpoint_id>/", operators.endpoint, name="endpoint-log"),
    path("operators/endpoints/<int:endpoint_id>/send/", operators.play_again, name="play-again"),
    path("operators/addresses/", operators.addresses, name="addresses"),
    path("operators/addresses/<int:correspondent_id>/trust/", operators.trust, name="trust-address"),
    path("operators/deadlines/", operators.deadlines, name="failed-deadlines"),
    path("workflows/", workflows.listing, name="workflows"),
    path("workflows/<slug:kind>/", workflows.process, name="workflow"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("help/", pages.help_page, name="help"),
    path("help/<slug:slug>/", pages.guide_page, name="guide"),
    path("styleguide/", pages.styleguide, name="styleguide"),
    path("styleguide/say/", pages.say_something, name="styleguide-say"),
    path("styleguide/move/", pages.refuse_move, name="styleguide-move"),
]
