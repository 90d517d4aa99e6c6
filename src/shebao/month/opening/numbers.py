"""Numbers that pass every check and belong to nobody: credit codes of employers, bank accounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from stdnum.cn import uscc

#: 联行号 of the six largest banks' (made up) provincial branches: bank, and eight digits of place and branch.
BANKS = ("102", "103", "104", "105", "301", "403")
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CARD = 620000  # of China UnionPay's range; no issuer


def credit_code(region: int, number: int, public: bool) -> str:
    """The unified social credit code (GB 32100) of the province's employer ``number``.

    It is registered at the province's own code, where no county office registers anybody.
    """
    body = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(body, _BODY_WEIGHTS, strict=True)) % 11  # GB 11714
    code = f"{'12' if public else '91'}{region:02d}0000{body}{'0' if rest == 11 else 'X' if rest == 10 else rest}"
    return code + uscc.calc_check_digit(code)


def bank_codes(region: int, picks: np.ndarray) -> pa.Array:
    """A 12-digit CNAPS code for each pick."""
    known = [f"{bank}{region * 100:04d}{branch:05d}" for bank in BANKS for branch in range(1, 9)]
    return pa.array(known).take(pa.array(picks % len(known)))


def accounts(first: int, region: int, count: int) -> pa.Array:
    """Account numbers of 19 digits, the last by Luhn's formula; ``first`` tells runs of one region apart."""
    body = _CARD * 10**12 + region * 10**10 + first + np.arange(count, dtype=np.int64)
    total = np.zeros(count, np.int64)
    for place in range(18):
        digit = body // 10**place % 10
        total += np.where(digit > 4, 2 * digit - 9, 2 * digit) if place % 2 == 0 else digit
    return pa.array(body * 10 + -total % 10).cast(pa.string())
