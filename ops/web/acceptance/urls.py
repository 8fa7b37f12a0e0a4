"""Addresses of the pages of acceptance testing."""

from django.urls import URLPattern, URLResolver, path

from ops.web.acceptance import dashboard, report, results, running

of_a_test = [
    path("tests/", running.tests, name="my-tests"),
    path("executions/<int:pk>/run/", running.run, name="run"),
    path("executions/<int:pk>/endings/", running.endings, name="run-endings"),
    path("executions/<int:pk>/again/", running.again, name="try-again"),
    path("executions/<int:pk>/steps/<int:number>/", running.save, name="save-step"),
    path("executions/<int:pk>/steps/<int:number>/evidence/", running.evidence, name="keep-evidence"),
    path(
        "executions/<int:pk>/steps/<int:number>/issue/",
        running.ReportStep.as_view(),
        {"kind": running.KIND},
        name="report-step",
    ),
    path("evidence/<int:pk>/", running.evidence_file, name="evidence"),
]
of_results = [
    path("campaigns/<key:key>/dashboard/", dashboard.dashboard, name="campaign-dashboard"),
    path("campaigns/<key:key>/results/", results.results, name="campaign-results"),
    path("campaigns/<key:key>/results/file/", results.UploadFile.as_view(), name="upload-results"),
    path("campaigns/<key:key>/report/", report.report, name="campaign-report"),
    path("campaigns/<key:key>/report.pdf", report.pdf, name="campaign-report-pdf"),
    path(
        "campaigns/<key:key>/report/cases/<int:group>/<int:number>/", report.case, name="campaign-report-case"
    ),
    path(
        "executions/<int:pk>/carry/",
        report.CarryForward.as_view(),
        {"kind": running.KIND},
        name="carry-forward",
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [*of_results, *of_a_test]
