"""What one person has behind and before him: months paid, index, wage, account, retirement, pension.

Statistics, not law: each amount follows from a few evenly spread draws and the assumptions of
``data/assumptions.yaml``, so that months fit the working life, the account fits months, index and wage, and a
pension grows with months and index. All arithmetic is on whole numbers (months, ten-thousandths, fen).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shebao.law.regions import BEIJING, SHANGHAI, TIBET
from shebao.population import data, draws, statutory
from shebao.population.data import assumed, assumed_month
from shebao.population.participation import (
    CONTRIBUTORS,
    EMPLOYEE,
    EMPLOYEE_RETIREE,
    FLEXIBLE,
    RESIDENT,
    RESIDENT_PENSIONER,
)

INDEX = 10_000  # an index of 1 as stored
_PPM = 1_000_000
_ENTRY, _PAID, _INDEX, _NOISE, _STATE, _HOME = range(6)  # evenly spread draws
_TRANSITION, _GRADE, _CLASS, _SIZE, _AWAY, _MADE_UP = range(6)  # scattered draws


@dataclass(frozen=True)
class Group:
    """People of one province and participation: who they are, and their numbers within that group."""

    number: np.ndarray
    birth_month: np.ndarray
    statutory: np.ndarray
    stream: int

    def spread(self, dimension: int) -> np.ndarray:
        return draws.spread(self.number, dimension, self.stream)

    def scattered(self, dimension: int) -> np.ndarray:
        return draws.scattered(self.number, dimension, self.stream)


@dataclass(frozen=True)
class WorkingLife:
    """First month of work, months the account has been open, months paid into it, months deemed paid before."""

    entry: np.ndarray
    open: np.ndarray
    paid: np.ndarray
    deemed: np.ndarray


class Careers:
    """Careers as of one month, from tables made once."""

    def __init__(self, month: int) -> None:
        self.month = month
        self.working_age = statutory.joining_age_months(month)
        self.opening = {code: data.month_index(text) for code, text in assumed("account_opening").items()}
        self.minimum_months = statutory.minimum_contribution_months(month)
        self.resident_age = statutory.resident_pension_months(month)
        self.resident_required = statutory.resident_required_years(month, assumed_month("resident_start"))
        self.credit = statutory.account_credit(month)
        entry, paid = assumed("entry"), assumed("paid_share")
        self.entry = draws.power_table(entry["exponent"], 0, 1, draws.LEVELS)
        self.entry_window = entry["years"] * 12
        mean = (paid["mean"] - paid["low"]) / (paid["high"] - paid["low"])
        self.paid_share = draws.power_table(1 / mean - 1, paid["low"], paid["high"], draws.LEVELS)
        self.index = {
            EMPLOYEE: draws.lognormal_table(assumed("employee_index"), INDEX),
            FLEXIBLE: draws.lognormal_table(assumed("flexible_index"), INDEX),
        }
        self.index[EMPLOYEE_RETIREE] = self.index[EMPLOYEE]
        noise = {"low": 0.2, "high": 5.0, "mean": 1.0, "sigma": assumed("wage_noise")}
        self.noise = draws.lognormal_table(noise, INDEX)
        self.lag = _mean_lag(assumed("account_lag"))
        self.left = _what_is_left(assumed("wage_growth"), assumed("run_down_months"))
        self.resident_growth = _mean_growth(assumed("resident_account_growth"))
        self.grades = {region: _grades(region) for region in data.REGIONS}
        self.classes = draws.share_table(assumed("industry_class"))
        self.sizes = draws.share_table(assumed("employer_size"))

    # -- the employee scheme -----------------------------------------------------------------------

    def employee_scheme(self, group: Group, status: int, region: int, wage: int) -> dict[str, np.ndarray]:
        """Columns of contributors and retirees of the employee scheme; ``wage`` is the province's average, fen."""
        retired = status == EMPLOYEE_RETIREE
        end = group.statutory if retired else np.full(len(group.number), self.month)
        life = self._working_life(group, end, region, self.minimum_months if retired else 0)
        index = self.index[status][group.spread(_INDEX)]
        monthly = wage * index // INDEX
        balance = self._account(monthly, life.paid, life.open)
        columns = {
            "contribution_months": life.paid + life.deemed,
            "deemed_months": life.deemed,
            "average_index": index,
            "transition_index": np.where(life.deemed > 0, self._transition_index(group, index), index),
            "retirement_month": group.statutory,
            "account_balance": balance * self.left[self.month - end] // _PPM if retired else balance,
        }
        columns |= self._provincial(region, life, end, monthly)
        return columns | (self._work(group, status, monthly) if status in CONTRIBUTORS else {})

    def _working_life(self, group: Group, end: np.ndarray, region: int, minimum: int) -> WorkingLife:
        """From the first month of work to ``end``: what was paid into the account, what is deemed paid before it."""
        opening = self.opening[region]
        adult = group.birth_month + self.working_age
        window = np.clip(end - adult, 0, self.entry_window)
        entry = adult + window * self.entry[group.spread(_ENTRY)] // draws.LEVELS
        before = np.clip(opening - entry, 0, end - entry)
        after = end - entry - before
        share = self.paid_share[group.spread(_PAID)]
        in_state = group.spread(_STATE) < int(assumed("state_worker_share") * draws.LEVELS)
        in_state |= end - opening < assumed("long_account_months")
        paid, deemed = after * share // draws.LEVELS, before * share // draws.LEVELS * in_state
        # Whoever draws a pension has met the minimum: by longer payment first, then by longer earlier service.
        paid = np.minimum(after, np.maximum(paid, minimum - deemed))
        deemed = np.minimum(before, np.maximum(deemed, minimum - paid))
        return WorkingLife(entry, after, paid, deemed)

    def _account(self, monthly: np.ndarray, paid: np.ndarray, open_months: np.ndarray) -> np.ndarray:
        """Fen in an account with ``paid`` credits on ``monthly`` fen of today's wages, spread over ``open_months``."""
        return monthly * paid * self.credit.numerator // self.credit.denominator * self.lag[open_months] // _PPM

    def _provincial(
        self, region: int, life: WorkingLife, end: np.ndarray, monthly: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Facts that one province's award alone asks for."""
        if region == TIBET:
            return {"plateau_months": life.paid + life.deemed}
        if region not in (BEIJING, SHANGHAI):
            return {}
        first, last = (data.month_index(text) for text in assumed("early_months_window")[region])
        inside = np.maximum(np.minimum(end, last + 1) - np.maximum(life.entry, first), 0)
        paid = inside * life.paid // np.maximum(life.open, 1)
        if region == BEIJING:
            return {"paid_months_before_1998_07": paid}
        years_ago = (self.month - last) // 12
        return {"notional_account": self._account(monthly, paid, np.full(len(paid), years_ago * 12))}

    def _transition_index(self, group: Group, index: np.ndarray) -> np.ndarray:
        width = int(assumed("transition_spread") * INDEX)
        return index * (INDEX - width + 2 * width * group.scattered(_TRANSITION) // draws.LEVELS) // INDEX

    def _work(self, group: Group, status: int, monthly: np.ndarray) -> dict[str, np.ndarray]:
        if status == FLEXIBLE:
            return {"flexible_worker": np.ones(len(monthly), bool), "average_monthly_wage": monthly}
        mean = int(assumed("employee_index")["mean"] * INDEX)
        return {
            "average_monthly_wage": monthly * self.noise[group.spread(_NOISE)] // mean,
            "industry_class": self.classes[group.scattered(_CLASS)] + 1,
            "employer_size": self.sizes[group.scattered(_SIZE)],
        }

    # -- the resident scheme -----------------------------------------------------------------------

    def resident_scheme(self, group: Group, status: int, region: int) -> dict[str, np.ndarray]:
        """Columns of contributors and pensioners of the resident scheme."""
        pension_age = self.resident_age[group.birth_month - data.FIRST_BIRTH]
        start = np.maximum(group.birth_month + self.working_age, assumed_month("resident_start"))
        possible = np.maximum(np.minimum(self.month, pension_age) - start, 0) // 12
        years = (possible * self.paid_share[group.spread(_PAID)] + draws.LEVELS // 2) // draws.LEVELS
        years = np.where(self._made_up(group, status, pension_age), np.maximum(years, self._required(group)), years)
        values, table = self.grades[region]
        grade = values[table[group.scattered(_GRADE)]]
        balance = years * grade * 100 * self.resident_growth[years] // _PPM
        if status == RESIDENT_PENSIONER:
            balance = balance * self.left[np.maximum(self.month - pension_age, 0)] // _PPM
        return {
            "retirement_month": pension_age,
            "resident_contribution_years": years * 10_000,
            "resident_grade": grade,
            "resident_account_balance": balance,
        }

    def _required(self, group: Group) -> np.ndarray:
        return self.resident_required[group.birth_month - data.FIRST_BIRTH]

    def _made_up(self, group: Group, status: int, pension_age: np.ndarray) -> np.ndarray:
        """Who has made up the years missing for a pension: all who draw one, most of those close to its age."""
        if status == RESIDENT_PENSIONER:
            return np.ones(len(group.number), bool)
        habit = assumed("resident_making_up")
        close = pension_age - self.month <= habit["months_before"]
        return close & (group.scattered(_MADE_UP) < int(habit["share"] * draws.LEVELS))

    # -- pensions in payment -----------------------------------------------------------------------

    def pension_weight(self, status: int, columns: dict[str, np.ndarray]) -> np.ndarray:
        """What a pension in payment is proportional to within a province."""
        if status == EMPLOYEE_RETIREE:
            return columns["contribution_months"] * (INDEX + columns["average_index"])
        linked = int(assumed("resident_linked_share") * INDEX)
        earned = columns["resident_contribution_years"] // 10_000 * columns["resident_grade"]
        return INDEX - linked + linked * earned // (15 * 300)

    def columns(self, group: Group, status: int, region: int, wage: int) -> dict[str, np.ndarray]:
        """Every column of a group but the pension; nothing for people in no scheme but their statutory month."""
        if status in (RESIDENT, RESIDENT_PENSIONER):
            return self.resident_scheme(group, status, region)
        if status in (*CONTRIBUTORS, EMPLOYEE_RETIREE):
            return self.employee_scheme(group, status, region, wage)
        return {"retirement_month": np.maximum(group.statutory, statutory.earliest_retirement())}

    @staticmethod
    def at_home(group: Group, share: np.ndarray) -> np.ndarray:
        """Who lives in the province that insures him."""
        return group.spread(_HOME) < np.rint(share * draws.LEVELS).astype(np.int64)

    @staticmethod
    def lives_in(group: Group, cumulative: np.ndarray) -> np.ndarray:
        """Position of the province where each of the others lives."""
        level = (group.scattered(_AWAY) + 0.5) / draws.LEVELS
        return (cumulative < level[:, None]).sum(axis=1)


def _grades(region: int) -> tuple[np.ndarray, np.ndarray]:
    """Yearly grades of a province, yuan, and which one each level picks."""
    shares: dict[Any, int] = assumed("resident_grades_here").get(region, assumed("resident_grades"))
    return np.array(list(shares), np.int64), draws.share_table(shares)


def _mean_lag(factor: float) -> np.ndarray:
    """Mean of ``factor ** (age of the credit in years)`` over an account's months, by its months, in millionths."""
    each = factor ** (np.arange(1, 1201) / 12)
    mean = np.concatenate([[1.0], np.cumsum(each) / np.arange(1, 1201)])
    return np.rint(mean * _PPM).astype(np.int64)


def _what_is_left(growth: float, months: int) -> np.ndarray:
    """Part of an account, made at today's wages, left so many months after retirement, in millionths."""
    since = np.arange(1201)
    return np.rint((1 + growth) ** (-since / 12) * np.maximum(0, 1 - since / months) * _PPM).astype(np.int64)


def _mean_growth(rate: float) -> np.ndarray:
    """Growth of equal yearly payments by their number of years, in millionths."""
    years = np.arange(101)
    return np.rint((1 + rate) ** (years / 2) * _PPM).astype(np.int64)
