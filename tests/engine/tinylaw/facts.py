from shebao.engine import Month, Region, choice, fact, ym

region = fact(Region, 11, 65, label="地区")
sex = choice("male", "female", label="性别")
birth_month = fact(Month, ym(1900, 1), ym(2100, 12), label="出生年月")
