"""What an award needs to know of a person, beyond the facts every scheme asks."""

from shebao.engine import Count, Index, Months, Yuan, fact

contribution_months = fact(Months, 0, 720, label="累计缴费月数（含视同缴费）")
deemed_months = fact(Months, 0, 720, label="建立个人账户前的缴费月数（含视同缴费）")
average_index = fact(Index, 0, 20, label="平均缴费工资指数")
transition_index = fact(Index, 0, 20, label="过渡性养老金缴费工资指数")
account_balance = fact(Yuan, 0, 10_000_000, label="个人账户储存额")

# The GB/T 2260 prefecture code (six digits for a county directly under the province) of the city whose own
# base applies; 0 is the province's own tier. Asked only where cities have bases of their own.
pooling_area = fact(Count, 0, 999_999, label="统筹区代码", presumed=0)
