"""Basic medical insurance of employees (职工基本医疗保险): what is paid in, the account, and what the fund pays."""

from shebao.engine import Room

ROOM = Room(
    label="职工基本医疗保险",
    modules=["contribution", "account", "retirees", "bill", "elsewhere", "outpatient", "inpatient", "serious_illness"],
)
