"""`python -m headgate.server.fetch`: the init container's process."""

import logging
import os
import signal
import sys

from headgate.server.fetch.settings import all_fetches_from
from headgate.server.fetch.steps import fetch
from headgate.server.logs import configure_logs, log
from headgate.server.termination import GivingUpError, report


def main() -> int:
    """Fetch, or say why not in the termination message; returns the exit code."""
    # as process 1 of a container a signal without a handler is ignored
    signal.signal(signal.SIGTERM, lambda number, _frame: os._exit(128 + number))
    configure_logs()
    try:
        for settings in all_fetches_from(os.environ):
            fetch(settings)
    except GivingUpError as failure:
        log("giving up", level=logging.ERROR, reason=failure.reason, message=failure.message)
        report(failure)
        return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
