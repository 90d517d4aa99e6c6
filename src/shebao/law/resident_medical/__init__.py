"""Basic medical insurance of residents (城乡居民基本医疗保险): funding, when cover begins, what is paid."""

from shebao.engine import Room

ROOM = Room(
    label="城乡居民基本医疗保险",
    borrow={
        "medical": [
            "medical_area",
            "hospital_level",
            "total_cost",
            "settled_cost",
            "ratio_reduction",
            "pooled_paid_before",
            "burden_before",
            "serious_illness_paid_before",
        ],
    },
    modules=["funding", "coverage", "continuity", "outpatient", "inpatient", "serious_illness"],
)
