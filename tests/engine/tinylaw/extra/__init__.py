from shebao.engine import Room

ROOM = Room(
    label="附加",
    borrow={"scheme": ["wage", "pension", "index", "months_paid", "balance", "award_month", "debt", "local_years"]},
    modules=["extra"],
)
