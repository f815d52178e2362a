import asyncio
import json
import logging
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from headgate.server.logs import RareLog
from headgate.server.metrics import ServerMetrics, latency_buckets
from headgate.server.pace import BANISHED, LONG_SECONDS, PROOFS, Pace
from headgate.server.settings import settings_from
from headgate.server.termination import ExitCode, ExitReason, GivingUpError, report
from headgate.server.workers import OverloadedError, Workers

FORMATS = ("sklearn", "onnx")
GOOD = {
    "HEADGATE_FORMAT": "onnx",
    "HEADGATE_MODEL_NAME": "iris",
    "HEADGATE_MODEL_VERSION": "iris-v1",
}


def test_settings_have_the_documented_defaults() -> None:
    settings = settings_from(GOOD, FORMATS)
    assert (settings.port, settings.connection_age_seconds, settings.drain_seconds) == (8080, 3, 30)
    assert (settings.max_request_bytes, settings.queue) == (10 * 1024 * 1024, 256)
    assert settings.allow_pickle is False
    assert settings.model_dir == Path("/model")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HEADGATE_FORMAT", "tensorflow", "expected one of sklearn, onnx, got 'tensorflow'"),
        ("HEADGATE_MODEL_NAME", "", "is not set"),
        ("HEADGATE_ALLOW_PICKLE", "yes", "expected true or false, got 'yes'"),
        ("HEADGATE_PORT", "http", "expected a number, got 'http'"),
        ("HEADGATE_PORT", "70000", "expected 0 to 65535, got '70000'"),
        ("HEADGATE_DRAIN_SECONDS", "nan", "expected 0 to"),
        ("HEADGATE_CONNECTION_AGE_SECONDS", "0", "expected 0.1 to"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(variable: str, value: str, message: str) -> None:
    with pytest.raises(GivingUpError) as refusal:
        settings_from(GOOD | {variable: value}, FORMATS)
    assert refusal.value.message.startswith(f"{variable}: {message}")


def test_the_termination_message_is_one_line_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    log = tmp_path / "termination-log"
    monkeypatch.setenv("HEADGATE_TERMINATION_LOG", str(log))
    failure = GivingUpError(ExitReason.DIGEST_MISMATCH, "ü" * 9000)
    # when
    report(failure)
    # then
    assert len(log.read_bytes()) < 8192
    assert json.loads(log.read_text())["reason"] == "DigestMismatch"


def test_every_reason_has_an_exit_code_of_its_own() -> None:
    codes = {GivingUpError(reason, "").exit_code for reason in ExitReason}
    assert len(codes) == len(ExitReason) == len(ExitCode)


def test_latency_buckets_are_fine_enough_for_a_quantile() -> None:
    bounds = latency_buckets()
    assert bounds[0] == 0.0005
    assert bounds[-1] >= 30
    assert len(bounds) < 60
    ratios = [after / before for before, after in pairwise(bounds)]
    assert max(ratios) < 1.26


def test_client_errors_are_counted_but_not_timed() -> None:
    # given
    metrics = ServerMetrics(model="m", version="v")
    # when
    metrics.answered(200, 0.01)
    metrics.answered(400, None)
    metrics.answered(500, 0.02)
    # then
    page = metrics.exposition().decode()
    for code in ("200", "400", "500"):
        assert f'headgate_requests_total{{code="{code}",model="m",version="v"}} 1.0' in page
    assert 'headgate_request_duration_seconds_count{model="m",version="v"} 2.0' in page
    assert "process_start_time_seconds " in page
    assert "_created" not in page


def test_repeated_trouble_is_logged_once_a_minute_with_a_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # given
    now = [0.0]
    rare = RareLog(clock=lambda: now[0])
    # when
    with caplog.at_level(logging.ERROR):
        for at in (0.0, 1.0, 2.0, 61.0):
            now[0] = at
            rare.error("failed", "ValueError", ValueError("x"))
    # then
    assert [record.__dict__["fields"]["heldBack"] for record in caplog.records] == [0, 2]


async def test_work_waits_in_a_bounded_queue_and_is_refused_beyond_it() -> None:
    # given
    workers = Workers(threads=1, queue=1)
    release = threading.Event()
    running = [asyncio.create_task(workers.run(release.wait, 10, small=False)) for _ in range(2)]
    await asyncio.sleep(0)
    # when
    with pytest.raises(OverloadedError):
        await workers.run(release.wait, 10, small=False)
    release.set()
    # then
    assert await asyncio.gather(*running) == [True, True]
    assert workers.pending == 0


async def test_work_whose_client_left_is_not_done() -> None:
    # given
    workers = Workers(threads=1, queue=5)
    release, done = threading.Event(), threading.Event()
    first = asyncio.create_task(workers.run(release.wait, 10, small=False))
    second = asyncio.create_task(workers.run(done.set, small=False))
    await asyncio.sleep(0)
    # when
    second.cancel()
    await asyncio.wait({second})
    release.set()
    await first
    # then
    assert not done.is_set()
    assert workers.pending == 0


def test_quick_work_moves_into_the_loop_and_work_that_stalls_it_is_banished() -> None:
    pace = Pace()
    assert threads_before_quick(pace) == PROOFS
    pace.in_loop(time.sleep, LONG_SECONDS * 1.1)
    assert threads_before_quick(pace) == BANISHED


def threads_before_quick(pace: Pace) -> int:
    """Do the quickest work in threads until the pace lets it out of them."""
    count = 0
    while not pace.quick:
        pace.in_thread(int)
        count += 1
    return count


def test_work_that_waits_never_moves_into_the_loop() -> None:
    pace = Pace()
    for _ in range(PROOFS + 1):
        pace.in_thread(time.sleep, LONG_SECONDS * 1.1)
    assert not pace.quick
