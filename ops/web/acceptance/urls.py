"""Addresses of the pages of acceptance testing."""

from django.urls import URLPattern, URLResolver, path

from ops.web.acceptance import (
    assignment,
    campaigns,
    cases,
    criteria,
    dashboard,
    report,
    results,
    running,
    testers,
)

of_cases = [
    path("test-cases/", cases.library, name="list-case"),
    path("test-cases/add/", cases.add_to_campaign, name="add-cases"),
    path("test-cases/import/", cases.BringIn.as_view(), name="import-cases"),
    path("test-cases/import/<int:pk>/", cases.imported, name="imported-cases"),
    path("test-cases/list.csv", cases.export, {"ending": "csv"}, name="export-cases-csv"),
    path("test-cases/list.yaml", cases.export, {"ending": "yaml"}, name="export-cases-yaml"),
    path("test-cases/<int:pk>/versions/<int:number>/", cases.version, name="case-version"),
    path("test-cases/<int:pk>/compare/", cases.compare, name="compare-versions"),
]
of_plan = [
    path("campaigns/<key:key>/plan/", campaigns.plan, name="campaign-plan"),
    path("campaigns/<key:key>/environments/", campaigns.AddEnvironment.as_view(), name="add-environment"),
    path("environments/<int:pk>/", campaigns.ChangeEnvironment.as_view(), name="change-environment"),
    path("environments/<int:pk>/remove/", campaigns.drop_environment, name="remove-environment"),
    path("campaigns/<key:key>/cases/latest/", campaigns.take_latest, name="latest-cases"),
    path("pinned-cases/<int:pk>/remove/", campaigns.drop_case, name="unpin-case"),
    path("campaigns/<key:key>/criteria/", criteria.AddCriterion.as_view(), name="add-criterion"),
    path("campaigns/<key:key>/criteria/usual/", criteria.usual, name="usual-criteria"),
    path("criteria/<int:pk>/tick/", criteria.Tick.as_view(), name="tick-criterion"),
    path("criteria/<int:pk>/waive/", criteria.Waive.as_view(), name="waive-criterion"),
    path("criteria/<int:pk>/reopen/", criteria.reopen, name="reopen-criterion"),
    path("criteria/<int:pk>/remove/", criteria.remove, name="remove-criterion"),
]
of_testers = [
    path("campaigns/<key:key>/testers/", testers.testers, name="campaign-testers"),
    path("campaigns/<key:key>/testers/ask/", testers.Ask.as_view(), name="ask-testers"),
    path("campaigns/<key:key>/testers/ask/<slug:group>/", testers.ask_group, name="ask-group"),
    path("campaigns/<key:key>/testers/places/", testers.Quotas.as_view(), name="tester-quotas"),
    path("campaigns/<key:key>/take-part/", testers.Volunteer.as_view(), name="volunteer"),
    path("campaigns/<key:key>/assignment/", assignment.assignment, name="campaign-assignment"),
    path("campaigns/<key:key>/assignment/give-out/", assignment.give_out, name="give-out-tests"),
]

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
urlpatterns: list[URLPattern | URLResolver] = [
    *of_cases,
    *of_plan,
    *of_testers,
    *of_results,
    *of_a_test,
]
