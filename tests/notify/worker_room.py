"""What a worker of the tests loads beside the application: a room that writes notes (`--include`)."""

from ops.notify import composers
from tests.notify.room import Room

composers.register("note", Room().compose, label="Notes")
