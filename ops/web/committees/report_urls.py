"""Addresses of the pages about reports, their items, feedback and the tracker."""

from django.urls import URLPattern, URLResolver, path, register_converter

from ops.web.committees import documents, feedback, importing, items, reports, tracker
from ops.web.finding import KeyConverter

register_converter(KeyConverter, "report_key")

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/<report_key:key>/", documents.report_page, name="report-page"),
    path("reports/<report_key:key>/report.pdf", documents.report_pdf, name="report-pdf"),
    path("reports/<report_key:key>/report.md", documents.report_markdown, name="report-markdown"),
    path("reports/<report_key:key>/outline/", reports.outline_page, name="report-outline"),
    path("reports/<report_key:key>/arrange/", reports.arrange_items, name="arrange-items"),
    path("reports/<report_key:key>/items/new/", reports.WriteItem.as_view(), name="add-item"),
    path("reports/<report_key:key>/paste/", reports.Paste.as_view(), name="paste-report"),
    path("reports/<report_key:key>/votes/", reports.votes, name="report-votes"),
    path("reports/<report_key:key>/vote/", reports.vote, name="cast-vote"),
    path("report-items/<int:pk>/", items.item_page, name="report-item"),
    path("report-items/<int:pk>/change/", reports.WriteItem.as_view(), name="change-item"),
    path("report-items/<int:pk>/move/", reports.move_item, name="move-item"),
    path("report-items/<int:pk>/remove/", reports.remove_item, name="remove-item"),
    path("report-items/<int:pk>/follow/", items.follow, name="follow-item"),
    path("report-items/<int:pk>/ticket/", items.OpenTicket.as_view(), name="open-item-ticket"),
    path("report-items/<int:pk>/link/", items.link_ticket, name="link-item-ticket"),
    path("feedback/", feedback.listing, name="list-feedback"),
    path("feedback/give/", feedback.GiveFeedback.as_view(), name="give-feedback"),
    path("feedback/<int:pk>/attach/", items.attach, name="attach-feedback"),
    path("feedback/<int:pk>/name/", feedback.name, name="name-feedback"),
    path("feedback/<int:pk>/withdraw/", feedback.withdraw, name="withdraw-feedback"),
    path("recommendations/", tracker.tracker, name="recommendations"),
    path("recommendations/list.csv", tracker.as_csv, name="recommendations-csv"),
    path("recommendations/list.rst", tracker.as_rst, name="recommendations-rst"),
    path("recommendations/page/", tracker.public_page, name="recommendations-page"),
    path("recommendations/import/", importing.ImportList.as_view(), name="import-recommendations"),
]
