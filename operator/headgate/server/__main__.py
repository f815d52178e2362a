"""`python -m headgate.server`: the serving container's process."""

import logging
import os
import signal
import sys
from typing import NoReturn

from headgate.server.logs import configure_logs, log
from headgate.server.termination import GivingUpError, report


def main() -> None:
    """Serve until told to stop; says why in the termination message when it can't."""
    # as process 1 of a container a signal without a handler is ignored, also while imports run
    signal.signal(signal.SIGTERM, _leave_at_once)
    # several predictions run at once: a library's own threads for each would only fight
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    configure_logs(
        model=os.environ.get("HEADGATE_MODEL_NAME", ""),
        version=os.environ.get("HEADGATE_MODEL_VERSION", ""),
    )
    try:
        _serve()
    except GivingUpError as failure:
        log("giving up", level=logging.ERROR, reason=failure.reason, message=failure.message)
        report(failure)
        _exit(failure.exit_code)
    _exit(0)


def _serve() -> None:
    import uvloop

    from headgate.server.formats.registry import FORMATS
    from headgate.server.serving import serve
    from headgate.server.settings import settings_from

    uvloop.run(serve(settings_from(os.environ, tuple(FORMATS))))


def _leave_at_once(number: int, _frame: object) -> NoReturn:
    _exit(128 + number)


def _exit(code: int) -> NoReturn:
    """Leave without waiting for threads: a prediction that hangs must not hold up the pod."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
