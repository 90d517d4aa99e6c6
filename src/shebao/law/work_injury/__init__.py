"""Work-injury insurance (工伤保险): contributions, treatment, disability, leaving the job, death, the fund."""

from shebao.engine import Room

ROOM = Room(
    label="工伤保险",
    modules=["contribution", "recognition", "treatment", "disability", "leaving", "death", "fund"],
)
