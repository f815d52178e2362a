"""Fear: my own server is a stranger to the operator, and my clients are cut."""

from base64 import b64decode

from hack.demo.installation import wait_until_rolled_out
from hack.demo.kubectl import Kubectl
from tests.builders.resources import Manifest
from tests.e2e.custom_gateway.ticker import CLIENTS, Ticker
from tests.e2e.test_operator_dies import kill_the_leader

SAYS_OK = """
import http.server, os
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")
http.server.HTTPServer(("", int(os.environ["HEADGATE_CONTROL_PORT"])), Ok).serve_forever()
"""
"""A server that is ready, and knows nothing of the contract."""


def nobody_noticed(told: Manifest) -> None:
    """Every client heard every tick, and none was cut off."""
    assert told["missing"] == 0, told
    assert told["cut"] == 0, told
    assert told["connected"] == CLIENTS, told


def test_scaling_and_a_new_configuration_cost_clients_nothing(ticker: Ticker) -> None:
    # when: up, and down
    ticker.scale(3)
    ticker.wait_until_healthy(3)
    ticker.scale(1)
    small = ticker.wait_until_healthy(1)
    # and another configuration
    ticker.scale(2)
    ticker.edit_server(env=[{"name": "TICK_SECONDS", "value": "0.5"}, {"name": "A", "value": "b"}])
    after = ticker.wait_for(
        "another revision",
        lambda status: (
            status["phase"] == "Healthy" and status["stableRevision"] != small["stableRevision"]
        ),
        180,
    )
    # then
    told = ticker.last_word()
    nobody_noticed(told)
    assert told["moved"] > 0
    assert small["continuity"]["moved"] > 0
    assert after["continuity"]["moved"] > small["continuity"]["moved"]
    assert after["continuity"]["forcedCloses"] == 0


def test_an_eviction_lets_clients_go_first(ticker: Ticker) -> None:
    # when
    (pod, _) = ticker.edges()
    ticker.evict(pod["metadata"]["name"])
    ticker.space.wait(
        "another pod in its stead",
        lambda: pod["metadata"]["uid"] not in {each["metadata"]["uid"] for each in ticker.edges()},
    )
    ticker.wait_until_healthy()
    # then
    nobody_noticed(ticker.last_word())


def test_a_drain_goes_on_when_the_operator_is_killed(ticker: Ticker, kubectl: Kubectl) -> None:
    # when
    ticker.scale(1)
    ticker.wait_for("a drain", lambda status: (status.get("drain") or {}).get("askingSince"))
    kill_the_leader(kubectl)
    # then
    status = ticker.wait_until_healthy(1)
    nobody_noticed(ticker.last_word())
    assert status["continuity"]["forcedCloses"] == 0
    wait_until_rolled_out(kubectl)


def test_an_image_that_is_not_there_goes_back_and_nobody_notices(ticker: Ticker) -> None:
    # given
    stable = ticker.status()["stableRevision"]
    # when
    ticker.edit_server(image="docker.io/headgate/nothing-there:1")
    # then
    status = ticker.wait_for("rejected", lambda status: status.get("rejected"))
    assert (status["rejected"]["reason"], status["stableRevision"]) == ("PodFailing", stable)
    assert "ImagePull" in status["rejected"]["message"]
    ticker.space.wait("the trial is over", lambda: len(ticker.edges()) == 2)
    nobody_noticed(ticker.last_word())


def test_a_server_that_breaks_the_contract_goes_back_and_says_what_it_answered(
    ticker: Ticker,
) -> None:
    # when
    ticker.edit_server(command=["python", "-c", SAYS_OK])
    # then
    status = ticker.wait_for("rejected", lambda status: status.get("rejected"), 120)
    assert status["rejected"]["reason"] == "ContractBroken"
    assert "GET /headgate/v1/status: its answer is no JSON" in status["rejected"]["message"]
    # and its pod goes, uncounted: half a minute after its deadline
    ticker.space.wait("the trial is over", lambda: len(ticker.edges()) == 2, 150)
    nobody_noticed(ticker.last_word())


def test_the_token_is_in_one_secret_and_nowhere_a_user_looks(ticker: Ticker) -> None:
    # given
    kubectl, namespace = ticker.space.kubectl, ticker.space.name
    secret = kubectl.json("get", "secret", "ticker-system", "-n", namespace)
    # when
    shown = kubectl.run("get", "sgw,pods,events", "-n", namespace, "-o", "yaml")
    shown += kubectl.run("logs", "-l", "headgate.dev/role=edge", "-n", namespace)
    # then
    (value,) = secret["data"].values()
    assert len(value) > 40
    assert value not in shown
    assert b64decode(value).decode() not in shown
