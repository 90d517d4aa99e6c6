"""Maternity insurance (生育保险): leave, the allowance that replaces the wage in it, and the costs of birth."""

from shebao.engine import Room

ROOM = Room(
    label="生育保险",
    borrow={"medical": ["medical_area", "hospital_level"]},
    modules=["contribution", "leave", "benefit", "birth_costs"],
)
