"""Fear: the pool changes, and clients lose messages."""

from hack.demo.installation import wait_until_rolled_out
from hack.demo.kubectl import Kubectl
from tests.builders.resources import Manifest
from tests.e2e.gateway.pool import Ledger, Pool
from tests.e2e.test_operator_dies import kill_the_leader


def nothing_lost(ledger: Ledger) -> None:
    """Every message once, in order, to every client, and none was cut off."""
    found = ledger.told
    assert found["missing_at_end"] == 0, found
    assert found["twice"] == 0, found
    assert found["lost"] == 0, found
    assert found["errors"] == [], found
    assert found["reconnects"] == 0, found


def is_balanced(status: Manifest) -> bool:
    conditions = {each["type"]: each["status"] for each in status["conditions"]}
    return bool(status["phase"] == "Healthy" and conditions["Balanced"] == "True")


def serving(pool: Pool) -> list[str]:
    return [pod["metadata"]["labels"]["headgate.dev/serving"] for pod in pool.edges()]


def moved(status: Manifest) -> int:
    return int(status["continuity"]["moved"])


def test_scaling_and_a_new_configuration_cost_clients_nothing(pool: Pool) -> None:
    # given
    pool.serve(rebalance={"movesPerSecond": 3})
    pool.start_clients(90)
    # when: up, with the connections spread anew, for which the fuller pods get no new clients
    pool.scale(3)
    pool.space.wait("full pods", lambda: "full" in serving(pool), 90)
    even = pool.wait_for("even", lambda status: is_balanced(status) and moved(status) > 0)
    pool.space.wait("all get clients again", lambda: serving(pool) == ["true"] * 3)
    # and down
    pool.scale(2)
    pool.wait_until_healthy(2)
    # and another configuration
    before = even["stableRevision"]
    pool.edit(resources={"requests": {"cpu": "15m"}})
    after = pool.wait_for(
        "another revision",
        lambda status: status["phase"] == "Healthy" and status["stableRevision"] != before,
        180,
    )
    # then
    nothing_lost(pool.stop_clients())
    assert after["continuity"]["forcedCloses"] == 0
    assert moved(after) > moved(even)


def test_a_drain_goes_on_when_the_operator_is_killed(pool: Pool, kubectl: Kubectl) -> None:
    # given
    pool.serve(replicas=3)
    pool.start_clients()
    # when
    pool.scale(2)
    pool.wait_for("a drain", lambda status: (status.get("drain") or {}).get("askingSince"))
    kill_the_leader(kubectl)
    # then
    pool.wait_until_healthy(2)
    nothing_lost(pool.stop_clients())
    wait_until_rolled_out(kubectl)


def test_a_configuration_that_fails_goes_back_and_nobody_notices(pool: Pool) -> None:
    # given
    pool.serve()
    pool.start_clients()
    stable = pool.status()["stableRevision"]
    # when: an image without the server
    pool.edit(engine={"nats": {"image": "docker.io/headgate/nothing-there:1"}})
    # then
    status = pool.wait_for("rejected", lambda status: status.get("rejected"))
    assert status["stableRevision"] == stable
    assert status["phase"] == "Degraded"
    assert "ImagePull" in status["rejected"]["message"]
    pool.space.wait("the trial is over", lambda: len(pool.edges()) == 2)
    nothing_lost(pool.stop_clients())
