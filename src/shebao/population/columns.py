"""The columns of a population file, named as the law names its facts, so that the file feeds ``shebao compute``."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pyarrow as pa

from shebao.population import statutory
from shebao.population.participation import PARTICIPATION


@dataclass(frozen=True)
class Column:
    """One column: its unit of the law (none for names), how many stored units make one, and its default."""

    name: str
    type: pa.DataType
    unit: str
    scale: int
    label: str
    values: tuple[str, ...] = ()
    default: int = 0

    @property
    def field(self) -> pa.Field:
        notes = {"shebao.unit": self.unit, "shebao.scale": str(self.scale), "shebao.label": self.label}
        if self.values:
            notes["shebao.values"] = ",".join(self.values)
        return pa.field(self.name, self.type, nullable=False, metadata=notes)


@functools.cache
def columns() -> tuple[Column, ...]:
    """Every column in order. ``default`` is what people have whom the column does not concern."""
    i8, i32, i64 = pa.int8(), pa.int32(), pa.int64()
    return (
        Column("citizen_number", pa.string(), "", 1, "公民身份号码（合成）"),
        Column("region", i8, "Region", 1, "参保地区（未参保者为居住地）"),
        Column("residence", i8, "Region", 1, "居住地区"),
        Column("sex", i8, "Choice", 1, "性别", ("male", "female")),
        Column("birth_month", i32, "Month", 1, "出生年月"),
        Column("category", i8, "Choice", 1, "原法定退休年龄类别", statutory.categories()),
        Column("participation", i8, "Choice", 1, "参保身份", PARTICIPATION),
        Column("flexible_worker", pa.bool_(), "YesNo", 1, "灵活就业人员参保"),
        Column("average_monthly_wage", i64, "YuanPerMonth", 100, "本人上年度月平均工资（灵活就业人员为自选基数）"),
        Column("employer_size", i8, "Choice", 1, "参保单位类型", ("micro_small_medium", "large", "public_body")),
        Column("industry_class", i8, "Count", 1, "行业风险类别", default=1),
        Column("contribution_months", i32, "Months", 1, "累计缴费月数（含视同缴费）"),
        Column("deemed_months", i32, "Months", 1, "视同缴费月数"),
        Column("average_index", i32, "Index", 10_000, "平均缴费工资指数"),
        Column("transition_index", i32, "Index", 10_000, "过渡性养老金指数"),
        Column("paid_months_before_1998_07", i32, "Months", 1, "1992年10月至1998年6月实际缴费月数（北京）"),
        Column("notional_account", i64, "Yuan", 100, "1993年至1997年虚账实记储存额（上海）"),
        Column("plateau_months", i32, "Months", 1, "在藏工作月数（西藏）"),
        Column("account_balance", i64, "Yuan", 100, "职工个人账户储存额"),
        Column("retirement_month", i32, "Month", 1, "退休年月（未退休者为预计）"),
        Column("pension_in_payment", i64, "YuanPerMonth", 100, "在发月养老金"),
        Column("scheme_start_month", i32, "Month", 1, "当地居民养老保险制度实施年月"),
        Column("resident_contribution_years", i32, "Years", 10_000, "居民缴费年限"),
        Column("resident_grade", i32, "Count", 1, "居民缴费档次（元/年）"),
        Column("resident_account_balance", i64, "Yuan", 100, "居民个人账户储存额"),
    )
