"""A program that appends to a log until it is killed, and prints each seq once it is acknowledged."""

import sys

from dispatch.adapters.log_open import open_log
from tests.contract.rows import duty_rows

if __name__ == "__main__":
    log = open_log(sys.argv[1])
    while True:
        log.append(duty_rows(log.head() + 1, 3))
        print(log.head(), flush=True)
