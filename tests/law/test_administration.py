"""Administration: time limits to the day, fines between their two ends, limitation to the month."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook

SERVICES = {
    "register_person": 10,
    "change_registration": 10,
    "claim_pension": 20,
    "refund_medical_costs": 30,
    "claim_maternity_allowance": 10,
    "refund_injury_costs": 20,
    "claim_unemployment_benefit": 10,
    "claim_training_subsidy": 10,
}
OFFENCES = {
    "not_registered": (1, 3),
    "contributions_unpaid": (1, 3),
    "fund_defrauded": (2, 5),
    "benefit_defrauded": (2, 5),
    "wages_concealed": (1, 3),
}


def value(rule, month="2025-03", **facts):
    return rulebook().at(month).explain(f"administration.{rule}", facts).exact


@pytest.mark.parametrize(("service", "days"), SERVICES.items())
def test_the_last_working_day_is_in_time_and_the_next_is_not(service, days):
    assert not value("service_is_overdue", service=service, working_days_elapsed=days)
    assert value("service_is_overdue", service=service, working_days_elapsed=days + 1)
    assert value("working_days_left", service=service, working_days_elapsed=days + 1) == -1
    assert value("due_workday", service=service, application_workday=100) == 100 + days


@pytest.mark.parametrize("service", SERVICES)
def test_before_the_regulation_no_limit_is_claimed(service):
    with pytest.raises(Refused, match=r"not covered: administration\.service_limit"):
        value("service_limit", "2023-11", service=service)


@pytest.mark.parametrize("event", ["employer_founded", "worker_hired", "employer_changed", "employer_ended"])
def test_thirty_days_to_register(event):
    for month in ("2011-07", "2023-11", "2023-12", "2026-11"):
        assert value("registered_in_time", month, registered_event=event, days_to_registration=30)
        assert not value("registered_in_time", month, registered_event=event, days_to_registration=31)


@pytest.mark.parametrize(("offence", "times"), OFFENCES.items())
@pytest.mark.parametrize("amount", ["0", "0.01", "1234.56", "1000000000"])
def test_a_fine_lies_between_its_two_multiples(offence, times, amount):
    facts = {"offence": offence, "offence_amount": amount, "ordered_and_not_corrected": True}
    assert value("fine_low", **facts) == Fraction(amount) * times[0]
    assert value("fine_high", **facts) == Fraction(amount) * times[1]


@pytest.mark.parametrize("offence", OFFENCES)
def test_an_order_that_is_followed_saves_the_fine_of_who_was_late_not_of_who_lied(offence):
    late = offence in ("not_registered", "contributions_unpaid")
    assert (value("fine_high", offence=offence, offence_amount="100") == 0) is late


def test_what_fraud_took_is_returned_besides_the_fine():
    taken = [value("to_be_returned", offence=o, offence_amount="100") for o in OFFENCES]
    assert taken == [0, 0, 100, 100, 0]


@pytest.mark.parametrize("days", [0, 1, 30, 365, 3650])
def test_arrears_are_settled_with_the_late_fee_of_the_general_law(days):
    facts = {"arrears": "54321.09", "days_overdue": days}
    fee = rulebook().at("2025-03").explain("late_fee", facts).exact
    assert value("settlement", **facts) == Fraction("54321.09") + fee


@pytest.mark.parametrize(("reported", "still"), [("2023-03", True), ("2025-03", True), ("2025-04", False)])
def test_two_years_to_inspect(reported, still):
    facts = {"offence_ended_month": "2023-03", "found_or_reported_month": reported}
    assert value("may_be_investigated", **facts) is still


def test_damages_are_at_least_half_and_at_most_the_whole_of_what_is_unpaid():
    for unpaid in ("0", "0.01", "3333.33"):
        facts = {"unpaid_to_worker": unpaid, "ordered_and_not_corrected": True}
        low, high = value("damages_low", **facts), value("damages_high", **facts)
        assert 0 <= low <= high == Fraction(unpaid)
