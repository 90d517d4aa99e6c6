"""Emergency measures (应急措施): the price-linked allowance, deferrals, waivers; the next one is a reform file."""

from shebao.engine import Room

ROOM = Room(
    label="应急措施",
    borrow={
        "employee_pension": ["deferral_granted", "flexible_worker"],
        "social_assistance": ["dibao_standard"],
    },
    modules=["price_allowance", "deferral", "relief"],
)
