"""Work on parts by a Dask cluster. Only this process reads files: it hands parts to the workers.

So the workers need no access to data, credentials or the API server, and what is computed is what
was read here, its digest checked. Dask does the work of a worker that dies once more elsewhere: the
scheduler holds each part until its result has been fetched.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import uuid4

from headgate.jobs.validation.parts.dask_work import Refused, done, packed, taken
from headgate.jobs.validation.parts.engine import EngineError
from headgate.jobs.validation.parts.part import Part
from headgate.jobs.validation.parts.same_code import difference, versions

CONNECT_SECONDS: Final = 30.0
WORKER_SECONDS: Final = 60.0
"""How long there may be no worker: at the start, and on the way."""
_LOOK_SECONDS: Final = 5.0
_MOST_UNDER_WAY: Final = 64
"""Parts that the scheduler holds at once: 32 MB each."""
_OTHERWISE: Final = "or set spec.engine to local: {}, which reads part by part too"


@contextmanager
def dask_engine(
    address: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    worker_seconds: float = WORKER_SECONDS,
) -> Iterator["DaskEngine"]:
    """Give the engine that a scheduler's workers are, and leave the cluster as it was.

    Raises EngineError where nothing answers at the address, where no worker comes, and where the
    workers are not of this release.
    """
    import dask
    from distributed import Client

    # parts are the tasks' arguments on purpose: what is only in a worker dies with it
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        try:
            client = Client(address, timeout=connect_seconds, set_as_default=False, name="headgate")
        except (OSError, ValueError, TimeoutError) as error:
            raise EngineError(
                f"spec.engine.dask: no scheduler answers at {address} within"
                f" {connect_seconds:g} s ({_first_line(error)}): see that it runs and can be"
                f" reached from the Job's pod, {_OTHERWISE}"
            ) from None
        try:
            engine = DaskEngine(client, address, worker_seconds)
            engine.require_workers()
            engine.require_same_versions()
            yield engine
        finally:
            with suppress(OSError, TimeoutError):
                client.close(timeout=_LOOK_SECONDS)


class DaskEngine:
    """See `Engine`; made by `dask_engine`."""

    def __init__(self, client: Any, address: str, worker_seconds: float) -> None:
        self._client = client
        self._address = address
        self._worker_seconds = worker_seconds

    def require_workers(self) -> None:
        """Raise EngineError where no worker comes in time."""
        try:
            self._client.wait_for_workers(1, timeout=self._worker_seconds)
        except TimeoutError:
            raise self._no_worker() from None

    def require_same_versions(self) -> None:
        """Raise EngineError naming a worker that would compute with something else."""
        ours = versions()
        for worker, theirs in sorted(self._versions().items()):
            if isinstance(theirs, BaseException):
                raise EngineError(
                    f"spec.engine.dask: worker {worker} of {self._address} does not say what it"
                    f" has ({_first_line(theirs)}): start workers from the jobs image of this"
                    " release"
                )
            differs = difference(ours, theirs)
            if differs:
                raise EngineError(
                    f"spec.engine.dask: worker {worker} of {self._address} has {differs}: start"
                    " workers from the jobs image of this release"
                )

    def _versions(self) -> dict[str, Any]:
        """Return each worker's versions, or why it does not say them."""
        try:
            found: dict[str, Any] = self._client.run(
                versions, on_error="return", callback_timeout=self._worker_seconds
            )
        except TimeoutError:
            raise EngineError(
                f"spec.engine.dask: a worker of {self._address} has not answered for"
                f" {self._worker_seconds:g} s: start it anew, {_OTHERWISE}"
            ) from None
        except (OSError, CancelledError, RuntimeError) as error:
            raise self._lost(error) from None
        return found

    def each[T](self, work: Callable[[Part], T], parts: Iterable[Part]) -> Iterator[T]:
        """See `Engine`."""
        run = f"headgate-{uuid4().hex}"
        carried = self._client.submit(
            taken, packed(work), versions(), key=f"{run}-work", pure=False
        )
        under_way: deque[Any] = deque()
        try:
            for place, part in enumerate(parts):
                if len(under_way) >= self._at_once():
                    yield self._result(under_way.popleft())
                under_way.append(
                    self._client.submit(
                        done, carried, packed(part), key=f"{run}-{place}", pure=False
                    )
                )
            while under_way:
                yield self._result(under_way.popleft())
        finally:
            with suppress(Exception):  # a cluster that is gone has nothing to forget
                self._client.cancel([*under_way, carried])

    def _at_once(self) -> int:
        threads = sum(self._threads().values())
        return min(_MOST_UNDER_WAY, max(2, 2 * threads))

    def _threads(self) -> dict[str, int]:
        try:
            found: dict[str, int] = self._client.nthreads()
        except (OSError, TimeoutError, CancelledError, RuntimeError) as error:
            raise self._lost(error) from None
        return found

    def _result(self, future: Any) -> Any:
        """Wait for a part's result; in the order of parts, so that nothing else decides it."""
        from distributed.scheduler import KilledWorker

        without_worker_since: float | None = None
        while True:
            try:
                found = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                now = time.monotonic()
                if self._threads():
                    without_worker_since = None
                elif without_worker_since is None:
                    without_worker_since = now
                elif now - without_worker_since > self._worker_seconds:
                    raise self._no_worker() from None
                continue
            except KilledWorker as error:
                raise EngineError(
                    f"spec.engine.dask: workers of {self._address} died at one part again and again"
                    f" ({_first_line(error)}): give them more memory, {_OTHERWISE}"
                ) from None
            except (CancelledError, OSError) as error:
                raise self._lost(error) from None
            if isinstance(found, Refused):
                raise found.error
            return found.value

    def _no_worker(self) -> EngineError:
        return EngineError(
            f"spec.engine.dask: the scheduler at {self._address} has had no worker for"
            f" {self._worker_seconds:g} s: start some from the jobs image, `dask worker"
            f" {self._address}`, {_OTHERWISE}"
        )

    def _lost(self, error: BaseException) -> EngineError:
        return EngineError(
            f"spec.engine.dask: the scheduler at {self._address} was lost on the way"
            f" ({_first_line(error)}): see why it ended, {_OTHERWISE}"
        )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
