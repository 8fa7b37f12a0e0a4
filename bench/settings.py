"""The settings of the desk as it runs, but for files named by their content, which would have to be collected."""

from ops.settings import *  # noqa: F403
from ops.settings import STORAGES as DESK_STORAGES

DEBUG = False
STORAGES = {
    **DESK_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
