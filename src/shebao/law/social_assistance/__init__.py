"""Social assistance and welfare allowances (社会救助与福利): what is paid without contributions."""

from shebao.engine import Room

ROOM = Room(
    label="社会救助与福利",
    borrow={
        "medical": ["age_in_month"],
        "resident_medical": ["assistance_category", "disposable_income_last_year"],
    },
    modules=["dibao", "destitute", "medical", "temporary", "children", "disability", "elderly", "childcare"],
)
