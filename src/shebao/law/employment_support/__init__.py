"""Employment support (就业创业扶持): subsidies, posts, loans, tax credits, training and the minimum wage."""

from shebao.engine import Room

ROOM = Room(
    label="就业创业扶持",
    borrow={
        "retirement": ["statutory_retirement_month"],
        "medical": ["age_in_month"],
        "social_assistance": ["on_dibao"],
        "unemployment": ["graduates_hired", "young_unemployed_hired", "registered_and_seeking"],
    },
    modules=[
        "hardship",
        "insurance_subsidy",
        "posts",
        "hiring",
        "graduates",
        "training",
        "loan",
        "tax",
        "disability_levy",
        "wage",
    ],
)
