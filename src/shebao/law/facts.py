"""Facts that every scheme asks of a person."""

from shebao.engine import Month, Region, choice, fact, ym

region = fact(Region, 11, 65, label="参保地区（省级）")
sex = choice("male", "female", label="性别")
category = choice("men60", "women55", "women50", label="原法定退休年龄类别")
birth_month = fact(Month, ym(1900, 1), ym(2100, 12), label="出生年月")
retirement_month = fact(Month, ym(1978, 1), ym(2150, 12), label="退休年月")
