"""Administration (社会保险经办与监察): registration, time limits of services, fines, limitation."""

from shebao.engine import Room

ROOM = Room(
    label="社会保险经办与监察",
    modules=["registration", "service", "offence", "limitation"],
)
