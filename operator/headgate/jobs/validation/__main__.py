"""`python -m headgate.jobs.validation`: the process of a ValidationRun's Job."""

import os
import signal
import sys

from headgate.jobs.validation.arithmetic import fix_arithmetic

if __name__ == "__main__":
    # as process 1 of a container a signal without a handler is ignored
    signal.signal(signal.SIGTERM, lambda number, _frame: os._exit(128 + number))
    fix_arithmetic()  # before anything imports numpy

    from headgate.jobs.validation.job import main

    sys.exit(main())
