"""The parts of the node's set-up that are arithmetic."""

import struct
from pathlib import Path

import pytest

from hack.cluster.binary import kubernetes_version, linker_flags, sources_digest
from hack.cluster.dns import dns_objects
from hack.cluster.errors import ClusterError
from hack.cluster.kind import kind_name
from hack.cluster.layout import NODE_SOURCES
from hack.cluster.readiness import dns_answered, dns_question
from hack.cluster.slots import Slot


def an_answer(identity: int, *, code: int = 0, records: int = 1) -> bytes:
    return struct.pack(">6H", identity, 0x8180 | code, 1, records, 0, 0)


def test_a_question_spells_its_name_in_labels() -> None:
    question = dns_question(7, "a.bc")
    assert question == b"\0\x07\1\0\0\1\0\0\0\0\0\0" + b"\1a\2bc\0" + b"\0\1\0\1"


@pytest.mark.parametrize(
    ("answer", "works"),
    [
        (an_answer(7), True),
        (an_answer(8), False),
        (an_answer(7, code=3), False),
        (an_answer(7, records=0), False),
    ],
)
def test_dns_works_when_our_question_got_an_address(answer: bytes, works: bool) -> None:
    assert dns_answered(7, answer) is works


def test_the_dns_service_is_where_pods_look_for_it() -> None:
    slot = Slot(3)
    assert f'"clusterIP": "{slot.dns_address}"' in dns_objects(slot)
    assert f'"{slot.node_address}"' in dns_objects(slot)


def test_the_programs_say_the_version_that_the_module_names() -> None:
    version = kubernetes_version((NODE_SOURCES / "go.mod").read_text())
    flags = linker_flags(version)
    assert f"-X k8s.io/component-base/version.gitVersion={version}" in flags
    assert "-X k8s.io/client-go/pkg/version.gitMajor=1" in flags


def test_a_module_without_kubernetes_is_refused() -> None:
    with pytest.raises(ClusterError, match="names no version"):
        kubernetes_version("module x\n")


def test_changed_sources_are_built_anew_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text("package main")
    first = sources_digest(tmp_path)
    (tmp_path / "notes.md").write_text("text")
    assert sources_digest(tmp_path) == first
    (tmp_path / "main.go").write_text("package main // changed")
    assert sources_digest(tmp_path) != first


def test_clones_get_kind_clusters_of_their_own() -> None:
    assert kind_name("/a") != kind_name("/b")
    assert kind_name("/a") == kind_name("/a")


def test_a_failure_names_what_failed_its_log_and_the_remedy(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_text("one\naddress already in use\n")
    error = ClusterError("etcd did not start", log=log, remedy="free the port")
    assert str(error) == (
        f"etcd did not start\nlog: {log}\n  | one\n  | address already in use\n"
        "what to do: free the port"
    )
