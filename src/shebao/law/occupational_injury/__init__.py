"""Occupational-injury cover for workers of platforms (新就业形态就业人员职业伤害保障)."""

from shebao.engine import Room

ROOM = Room(
    label="新就业形态就业人员职业伤害保障",
    borrow={
        "work_injury": [
            "disability_grade",
            "disability_lump_months",
            "allowance_share",
            "care_allowance",
            "funeral_grant",
            "death_lump_sum",
            "surviving_spouse",
            "other_dependants",
            "lone_dependants",
            "spouse_share",
            "dependant_share",
            "lone_addition",
            "recognition_excluded",
            "cost_in_catalogues",
            "paid_by_third_party",
        ],
    },
    modules=["coverage", "contribution", "benefit"],
)
