"""Numbers of people, employers, places, telephones and accounts: form and check digits."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from shebao.intake.cells import Fault, _text, is_number
from shebao.intake.outcome import Reason
from shebao.law.regions import NAMES

EXACT = 15  # digits that a number of a workbook keeps
#: Hong Kong, Macao and Taiwan: residents of them who live on the mainland have numbers from these
RESIDENCE_PERMITS = (81, 82, 83)
_PLACES = frozenset(map(str, (*NAMES, 71, *RESIDENCE_PERMITS)))
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)
_SPACING = str.maketrans("", "", " -\t\u3000")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"0[0-9]{9,11}")


def _digits(cell: object) -> str:
    """The text of a number without its spacing; a fault if a workbook kept only a part of it."""
    text = _text(cell).translate(_SPACING).upper()
    if _EXPONENT.fullmatch(text) or (is_number(cell) and len(text) > EXACT):
        raise Fault(Reason.LOST_PRECISION)
    return text


def citizen_number(cell: object) -> str:
    """A citizen number (GB 11643), 18 characters, the last a digit or ``X``.

    Also takes the residence permits of people from Hong Kong, Macao and Taiwan (81–83) and the permanent residence
    card of foreigners (9 and the province), which have the same form.
    """
    text = _digits(cell)
    if len(text) == 15 and text.isdigit():
        raise Fault(Reason.OLD_NUMBER)
    if len(text) != 18 or not (text.isascii() and text[:17].isdigit() and (text[17].isdigit() or text[17] == "X")):
        raise Fault(Reason.CITIZEN_NUMBER_FORM)
    if text[17] != ric.calc_check_digit(text):
        raise Fault(Reason.CITIZEN_NUMBER_CHECK)
    if text[:2] not in _PLACES and not (text[0] == "9" and text[1:3] in _PLACES):
        raise Fault(Reason.CITIZEN_NUMBER_PLACE)
    if _date(text[6:14]) is None:
        raise Fault(Reason.CITIZEN_NUMBER_BIRTH)
    return text


def born_on(number: str) -> dt.date:
    """The date of birth in a valid citizen number."""
    date = _date(number[6:14])
    assert date is not None, number
    return date


def sex_of(number: str) -> str:
    """``male`` or ``female``, as the sequence number of a valid citizen number says."""
    return "male" if int(number[16]) % 2 else "female"


@lru_cache(maxsize=65_536)
def _date(digits: str) -> dt.date | None:
    try:
        date = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return date if 1850 <= date.year <= 2099 else None


def credit_code(cell: object) -> str:
    """A unified social credit code (GB 32100), 18 digits and capital letters."""
    text = _digits(cell)
    if not text.isascii():
        raise Fault(Reason.CREDIT_CODE_FORM)
    try:
        return str(uscc.validate(text))
    except InvalidChecksum:
        raise Fault(Reason.CREDIT_CODE_CHECK) from None
    except ValidationError:
        raise Fault(Reason.CREDIT_CODE_FORM) from None


def area(cell: object) -> int:
    """A division code (GB/T 2260, GB/T 10114), shorter ones filled to 12 digits: 4401 → 440100000000."""
    text = _digits(cell)
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12) and int(text[:2]) in NAMES):
        raise Fault(Reason.AREA_FORM)
    return int(text.ljust(12, "0"))


def phone(cell: object) -> str:
    """A Chinese telephone number in digits: 11 of a mobile, or a fixed line with its area code."""
    text = _digits(cell)
    mobile = _MOBILE.fullmatch(text)
    if mobile is None and not _LANDLINE.fullmatch(text):
        raise Fault(Reason.PHONE_FORM)
    return mobile[1] if mobile else text


def bank_account(cell: object) -> str:
    """A bank account in digits. No check digit: cards have one, passbooks and companies' accounts do not."""
    text = _digits(cell)
    if not (text.isascii() and text.isdigit() and 8 <= len(text) <= 32):
        raise Fault(Reason.BANK_ACCOUNT_FORM)
    return text
