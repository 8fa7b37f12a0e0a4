"""Addresses of the pages of committees."""

from django.urls import URLPattern, URLResolver, include, path

from ops.web.committees import committee, hours, meetings, minutes, slate

MEETING = {"kind": meetings.KIND}

of_committees = [
    path("committees/", committee.listing, name="committees"),
    path("committees/calendar/", meetings.calendar, name="calendar"),
    path("committees/calendar/renew/", meetings.renew_calendar, name="renew-calendar"),
    path("calendars/<slug:secret>.ics", meetings.calendar_feed, name="calendar-feed"),
    path("committees/<slug:slug>/", committee.committee, name="committee"),
    path("committees/<slug:slug>/charge/", committee.charge, name="charge-of"),
    path("committees/<slug:slug>/charge/<int:number>/", committee.charge, name="charge-version"),
    path("committees/<slug:slug>/charge/write/", committee.WriteCharge.as_view(), name="write-charge"),
    path("committees/<slug:slug>/nominations/", slate.nominations, name="nominations-of"),
    path("committees/<slug:slug>/slate/", slate.slate, name="slate-of"),
    path("committees/<slug:slug>/slate/<slug:day>/approve/", slate.approve, name="approve-slate"),
    path("committees/<slug:slug>/slate/<slug:day>/waive/<int:rule>/", slate.Waive.as_view(), name="waive"),
    path("committees/<slug:slug>/meetings/", meetings.meetings, name="meetings-of"),
    path("committees/<slug:slug>/dates/", meetings.dates, name="dates-of"),
    path("committees/<slug:slug>/hours/", hours.hours, name="hours-of"),
    path("committees/<slug:slug>/hours/log/", hours.LogHours.as_view(), name="log-hours"),
    path("committees/<slug:slug>/hours/<int:entry_id>/withdraw/", hours.withdraw, name="withdraw-hours"),
]
of_a_meeting = [
    path("meetings/<int:pk>/calendar.ics", meetings.calendar_file, name="meeting-calendar"),
    path("meetings/<int:pk>/agenda/add/", meetings.AddPoint.as_view(), MEETING, name="add-point"),
    path(
        "meetings/<int:pk>/agenda/<int:point_id>/",
        meetings.ChangePoint.as_view(),
        MEETING,
        name="change-point",
    ),
    path("meetings/<int:pk>/agenda/<int:point_id>/move/", meetings.move_point, name="move-point"),
    path("meetings/<int:pk>/agenda/<int:point_id>/drop/", meetings.drop_point, name="drop-point"),
    path("meetings/<int:pk>/attendance/", meetings.NoteAttendance.as_view(), MEETING, name="note-attendance"),
    path("meetings/<int:pk>/minutes/<slug:part>/", minutes.versions, name="minutes"),
    path("meetings/<int:pk>/minutes/<slug:part>/<int:version>/", minutes.versions, name="minutes-version"),
    path(
        "meetings/<int:pk>/minutes/<slug:part>/write/",
        minutes.WriteMinutes.as_view(),
        MEETING,
        name="write-minutes",
    ),
    path("meetings/<int:pk>/minutes/<slug:part>/actions/", minutes.take_actions, name="take-actions"),
    path("meetings/<int:pk>/actions/<int:action_id>/", minutes.tick_off, name="tick-off"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *of_committees,
    *of_a_meeting,
    path("", include("ops.web.committees.report_urls")),
]
