"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from ops.web.views import accounts, drafts, pages

urlpatterns = [
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", accounts.profile, name="profile"),
    path("profile/theme/", accounts.theme, name="theme"),
    path("drafts/", drafts.keep, name="keep-draft"),
    path("drafts/discard/", drafts.discard, name="discard-draft"),
    path("help/", pages.help_page, name="help"),
    path("styleguide/", pages.styleguide, name="styleguide"),
    path("styleguide/say/", pages.say_something, name="styleguide-say"),
    path("styleguide/move/", pages.refuse_move, name="styleguide-move"),
]
