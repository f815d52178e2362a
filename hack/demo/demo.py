"""make demo: four versions of a real model on a real cluster, under load; the bad ones go back.

Ends with a table, what was promised and whether it held, and three commands to try. Exits with 1
when a promise was broken.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it runs by its path

from rich.console import Console

from hack.demo.gate import GateError
from hack.demo.kubectl import KubectlError, of_this_clone
from hack.demo.load import Load
from hack.demo.promises import Story, promises, table_of_promises
from hack.demo.scenes import MODEL, NAMESPACE, Stage, StoryError, logged_in, play
from hack.demo.screen import Screen, table_of
from headgate.cli.cluster import ClusterError


def main() -> int:
    """Play the demo; 0 when every promise held."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    begun = time.monotonic()
    try:
        kubectl = of_this_clone()
        load = Load(kubectl, NAMESPACE)
        screen = Screen(console, record=load.record)
        stage = Stage(kubectl, screen, logged_in(kubectl), load)
        try:
            with screen.live():
                story = play(stage)
        except BaseException:
            screen.end(ok=False)
            raise
        finally:
            load.close()
    except (KubectlError, StoryError, GateError, ClusterError) as error:
        console.print(f"\nThe demo stopped: {error}", style="bold red", markup=False)
        console.print(f"Look at: {_kubectl()} -n {NAMESPACE} get mdl,mv,pods,events", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; the load pod ends by itself ({_kubectl()} -n {NAMESPACE})")
        return 130
    return _conclude(console, story, time.monotonic() - begun)


def _conclude(console: Console, story: Story, seconds: float) -> int:
    found = promises(story)
    console.print()
    console.print(table_of(story.record))
    console.print(table_of_promises(found))
    broken = [promise for promise in found if not promise.holds]
    verdict = "every promise held" if not broken else f"{len(broken)} promises were broken"
    style = "bold red" if broken else "bold green"
    console.print(f"{verdict}, {seconds:.0f} s in all", style=style)
    console.print("\nThe cluster stays up. Try:")
    for command in _to_try():
        console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)
    return 1 if broken else 0


def _to_try() -> tuple[str, ...]:
    plugin = ".venv/bin/kubectl-headgate"
    target = f"{MODEL} -n {NAMESPACE} --kubeconfig .cluster/kubeconfig"
    back = json.dumps({"spec": {"version": f"{MODEL}-v2"}})
    return (
        f"{plugin} status {target}",
        f"{_kubectl()} -n {NAMESPACE} describe model {MODEL}",
        f"{_kubectl()} -n {NAMESPACE} patch model {MODEL} --type=merge -p '{back}'",
    )


def _kubectl() -> str:
    return ".cluster/bin/kubectl --kubeconfig .cluster/kubeconfig"


if __name__ == "__main__":
    sys.exit(main())
