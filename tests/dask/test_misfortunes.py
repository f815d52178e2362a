"""What happens to a run when the cluster is not as it should be."""

import re
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import headgate
from headgate.jobs.validation.parts.dask_engine import dask_engine
from headgate.jobs.validation.parts.engine import EngineError, LocalEngine
from headgate.jobs.validation.parts.first_pass import Look, Looked
from headgate.jobs.validation.parts.part import REFERENCE, Part
from tests.builders.customers import customers
from tests.dask.dask_cluster import DaskCluster
from tests.unit.jobs.validation.fetched_job import a_job, refusal_of
from tests.unit.jobs.validation.suite.cases import a_policy

ROOT = Path(__file__).resolve().parents[2]
PARTS = 12
WORK = Look(kept=("region",), sampled=np.array([3, 500]))


def parts() -> Iterator[Part]:
    table = customers(1, 100 * PARTS).combine_chunks()
    for place, rows in enumerate(table.to_batches(max_chunksize=100)):
        yield Part(side=REFERENCE, file="rows", first_row=100 * place, rows=rows)


def without_memory(_part: Part) -> None:
    raise MemoryError


def without_disk(_part: Part) -> None:
    raise OSError(28, "No space left on device")


def as_plain(found: list[Looked]) -> list[object]:
    return [
        (
            [
                (name, each.rows, each.missing, each.low, each.high, each.texts)
                for name, each in looked.profiles.items()
            ],
            looked.kept.to_pydict(),
            looked.sample.to_pydict(),
        )
        for looked in found
    ]


def test_a_worker_that_dies_on_the_way_changes_nothing(own_cluster: DaskCluster) -> None:
    # given
    own_cluster.start(workers=2)
    expected = list(LocalEngine().each(WORK, parts()))

    def with_a_death() -> Iterator[Part]:
        for place, part in enumerate(parts()):
            if place == PARTS // 2:
                own_cluster.workers[0].kill()
            yield part

    # when
    with dask_engine(own_cluster.address) as engine:
        found = list(engine.each(WORK, with_a_death()))
    # then
    assert as_plain(found) == as_plain(expected)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (without_memory, r"worker tcp://127.* ran out of memory: give workers more"),
        (without_disk, r"worker tcp://127.* cannot keep the model's files: .*No space left"),
    ],
)
def test_what_a_worker_lacks_is_told_of_the_worker(
    own_cluster: DaskCluster, work: Callable[[Part], None], message: str
) -> None:
    own_cluster.start(workers=0)
    own_cluster.add_worker({"PYTHONPATH": f"{ROOT}/operator:{ROOT}"})  # knows the work
    with (
        pytest.raises(EngineError, match=message),
        dask_engine(own_cluster.address) as engine,
    ):
        list(engine.each(work, parts()))


def test_a_scheduler_that_dies_on_the_way_is_named(own_cluster: DaskCluster) -> None:
    own_cluster.start(workers=1)

    def with_a_death() -> Iterator[Part]:
        for place, part in enumerate(parts()):
            if place == PARTS // 2:
                assert own_cluster.scheduler is not None
                own_cluster.scheduler.kill()
            yield part

    lost = rf"the scheduler at {re.escape(own_cluster.address)} was lost on the way"
    with (
        pytest.raises(EngineError, match=lost),
        dask_engine(own_cluster.address, connect_seconds=2) as engine,
    ):
        list(engine.each(WORK, with_a_death()))


def test_an_address_where_nothing_listens_is_named_with_the_way_out() -> None:
    with socket.socket() as bound:  # taken, and never listened on
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        with (
            pytest.raises(EngineError, match=rf"no scheduler answers at {address} within 1 s"),
            dask_engine(address, connect_seconds=1),
        ):
            pass


def test_a_scheduler_without_workers_is_not_waited_for_for_ever(own_cluster: DaskCluster) -> None:
    own_cluster.start(workers=0)
    with (
        pytest.raises(EngineError, match=r"has had no worker for 1 s.*`dask worker tcp://"),
        dask_engine(own_cluster.address, worker_seconds=1),
    ):
        pass


def test_a_worker_that_does_not_answer_is_not_waited_for_for_ever(
    own_cluster: DaskCluster,
) -> None:
    own_cluster.start(workers=1)
    own_cluster.workers[0].send_signal(signal.SIGSTOP)
    with (
        pytest.raises(EngineError, match=r"a worker of tcp://.* has not answered for 1 s: start"),
        dask_engine(own_cluster.address, worker_seconds=1),
    ):
        pass


def test_a_scheduler_that_dies_before_the_work_is_named(own_cluster: DaskCluster) -> None:
    own_cluster.start(workers=1)
    with dask_engine(own_cluster.address) as engine:
        assert own_cluster.scheduler is not None
        own_cluster.scheduler.kill()
        own_cluster.scheduler.wait()
        with pytest.raises(EngineError, match="was lost on the way"):
            engine.require_same_versions()


def test_a_worker_of_another_release_is_refused_before_anything_is_computed(
    own_cluster: DaskCluster, tmp_path: Path
) -> None:
    # given
    other = own_cluster.folder / "other"
    shutil.copytree(Path(headgate.__file__).parent, other / "headgate")
    (other / "headgate/jobs/validation/parts/cells.py").write_text('"""Other cells."""\n')
    own_cluster.start(workers=0)
    own_cluster.add_worker({"PYTHONPATH": str(other)})
    # when
    engine = {"dask": {"schedulerAddress": own_cluster.address}}
    policy = a_policy({"drift": {}}, target=None, predictions=None, engine=engine)
    told = refusal_of(a_job(tmp_path, policy))
    # then: another attempt may meet other workers
    assert told.reason == "EngineUnavailable"
    assert re.search(r"worker tcp://.* has headgate \w+ \(here \w+\)", told.message)


def test_a_worker_without_headgate_is_told_from_which_image_to_start(
    own_cluster: DaskCluster,
) -> None:
    # given
    hidden = own_cluster.folder / "hidden" / "headgate"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    own_cluster.start(workers=0)
    own_cluster.add_worker({"PYTHONPATH": str(hidden.parent)})
    # when, then
    told = r"No module named 'headgate.jobs'.*start workers from the jobs image"
    with (
        pytest.raises(EngineError, match=told),
        dask_engine(own_cluster.address),
    ):
        pass
