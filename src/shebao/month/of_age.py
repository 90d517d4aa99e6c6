"""Who has reached the statutory age while paying in: the law asked by birth month, the registry by its answer."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine.errors import BookError
from shebao.month.careers import month_number
from shebao.month.context import Context
from shebao.month.pensions import month_at


def of_age(context: Context) -> list[tuple[int, dt.date, bool]]:
    """Person, statutory month, and whether a refusal was told; of those paying in who have no pension.

    The law is asked once for all who were born in the same month and are alike in what else decides; only who has
    reached the age by its answer is then looked for.
    """
    books, values = context.books, {"r": context.region, "m": context.month}
    alike = books.copy_out(_ALIKE, m=context.month)
    if not alike.num_rows:
        return []
    rule = "retirement.statutory_retirement_month"
    months = context.law.compute([rule], alike).table
    alike = alike.append_column("statutory", months["statutory_retirement_month"])
    alike = alike.append_column("status", months["status"].cast(pa.string()))
    # Of those the law refuses the statutory month is not known: it matters if one of them pays in.
    reached = alike.filter(pc.less_equal(alike["statutory"].fill_null(0), month_number(context.month)))
    books.execute("DROP TABLE IF EXISTS reached")
    books.execute(_REACHED, **{name: reached[name].to_pylist() for name in reached.column_names})
    books.execute("ANALYZE reached")
    found = books.rows(_OF_AGE, **values)
    if refused := [status for *_, status in found if status != "ok"]:
        raise BookError(f"the statutory age of {len(refused)} people cannot be computed: {refused[0]}")
    return [(person_id, month_at(statutory), told) for person_id, statutory, told, _ in found]


_BIRTH_MONTH = "(date_part('year', r.birth_date) * 12 + date_part('month', r.birth_date) - 1)::integer"

_ALIKE = f"""
    SELECT sex::text, category::text, region, birth_month
    FROM (SELECT DISTINCT r.sex, r.category, r.region, {_BIRTH_MONTH} AS birth_month
          FROM person_record r WHERE upper_inf(r.known) AND r.valid @> %(m)s::date) AS born"""

_REACHED = """
    CREATE TEMPORARY TABLE reached ON COMMIT DROP AS
    SELECT * FROM unnest(%(sex)s::sex[], %(category)s::category[], %(region)s::smallint[], %(birth_month)s::integer[],
                         %(statutory)s::integer[], %(status)s::text[])
        AS a (sex, category, region, birth_month, statutory, status)"""

_OF_AGE = f"""
    SELECT r.person_id, a.statutory, EXISTS (SELECT FROM award w
                                             WHERE w.person_id = r.person_id AND w.benefit = 'employee_pension'),
           a.status
    FROM reached a
    JOIN person_record r ON r.sex = a.sex AND r.category = a.category AND r.region = a.region
        AND {_BIRTH_MONTH} = a.birth_month AND upper_inf(r.known) AND r.valid @> %(m)s::date
    WHERE EXISTS (SELECT FROM participation p
                  WHERE p.person_id = r.person_id AND p.region = %(r)s AND p.scheme = 'employee_pension'
                    AND p.kind <> 'retired' AND upper_inf(p.known)
                    AND p.valid && daterange((%(m)s::date - interval '1 month')::date, %(m)s, '[]'))
      AND NOT EXISTS (SELECT FROM entitlement e
                      WHERE e.person_id = r.person_id AND e.benefit = 'employee_pension' AND upper_inf(e.known))
      AND NOT EXISTS (SELECT FROM life_event l
                      WHERE l.person_id = r.person_id AND l.kind = 'death' AND upper_inf(l.known))
      AND NOT EXISTS (SELECT FROM claim c
                      WHERE c.person_id = r.person_id AND c.region = %(r)s AND c.benefit = 'employee_pension'
                        AND c.booked <= %(m)s
                        AND NOT EXISTS (SELECT FROM award w
                                        WHERE w.person_id = c.person_id AND w.region = c.region AND w.claim = c.number))
    ORDER BY r.person_id"""
