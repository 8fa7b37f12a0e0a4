"""Addresses of the pages of acceptance testing."""

from django.urls import URLPattern, URLResolver, path

from ops.web.acceptance import running

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
urlpatterns: list[URLPattern | URLResolver] = [*of_a_test]
