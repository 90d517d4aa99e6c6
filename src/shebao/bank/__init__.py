"""Messages between the administration and its banks 银企报文 (ISO 20022): payments out, answers and statements in.

Pure: streams of bytes on one side, Arrow columns and records on the other; no database, no clock, no network. A
message is read whole or refused with :class:`BankFileError`, which names what is wrong and where.
"""

from shebao.bank.camt import Entry, Statement, read_statement
from shebao.bank.messages import BankFileError
from shebao.bank.pain001 import Batch, Transfer, Written, read_transfers, write_transfers
from shebao.bank.pain002 import StatusReport, TransactionStatus, read_status

__all__ = [
    "BankFileError",
    "Batch",
    "Entry",
    "Statement",
    "StatusReport",
    "TransactionStatus",
    "Transfer",
    "Written",
    "read_statement",
    "read_status",
    "read_transfers",
    "write_transfers",
]
