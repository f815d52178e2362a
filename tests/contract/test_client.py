"""What the real API server answers, and what the client makes of it."""

import asyncio
from typing import Any

import pytest

from headgate.kube.client import KubeClient
from headgate.kube.errors import (
    AlreadyExists,
    Conflict,
    Gone,
    Invalid,
    NotFound,
    NotLeading,
    Throttled,
    Unavailable,
)
from headgate.kube.resources import DEPLOYMENTS, PODS, SERVICES, Manifest, Resource
from headgate.kube.session import KubeSession
from tests.builders.proxy import FaultProxy, any_request, hangs, refuses

pytestmark = pytest.mark.apiserver
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
UNKNOWN = Resource("headgate.dev", "v9", "nothings", "Nothing")


def a_service(namespace: str, name: str = "churn", **spec: Any) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "labels": {"who": "us"}},
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80}]} | spec,
    }


def a_deployment(namespace: str, name: str = "churn", **spec: Any) -> Manifest:
    container = {"name": "server", "image": "docker.io/headgate/server:dev"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [container]},
            },
        }
        | spec,
    }


def a_config_map(name: str, **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_applying_twice_creates_once_and_changes_nothing_the_second_time(
    kube: KubeClient, namespace: str
) -> None:
    first = await kube.apply(a_service(namespace))
    second = await kube.apply(a_service(namespace))
    assert second["metadata"]["uid"] == first["metadata"]["uid"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    managers = {entry["manager"] for entry in second["metadata"]["managedFields"]}
    assert managers == {"headgate"}


async def test_a_field_that_is_no_longer_applied_disappears(
    kube: KubeClient, namespace: str
) -> None:
    await kube.apply(a_service(namespace, sessionAffinity="ClientIP"))
    after = await kube.apply(a_service(namespace))
    assert after["spec"]["sessionAffinity"] == "None"


async def test_a_field_owned_by_somebody_else_is_a_conflict_unless_forced(
    kube: KubeClient, namespace: str
) -> None:
    # given a Service on which somebody set our selector
    await kube.apply(a_service(namespace))
    await kube.patch(SERVICES, namespace, "churn", {"spec": {"selector": {"app": "stolen"}}})
    theirs = a_service(namespace)
    theirs["metadata"]["labels"] = {"who": "them"}
    await kube.create(SERVICES, namespace, theirs | {"metadata": {"name": "other"}})
    # when it is applied without force
    with pytest.raises(Conflict) as caught:
        await kube.apply(a_service(namespace, "other", selector={"app": "ours"}), force=False)
    # then the answer names the field, and with force it is ours
    assert caught.value.details["causes"][0]["reason"] == "FieldManagerConflict"
    forced = await kube.apply(a_service(namespace, "other", selector={"app": "ours"}))
    assert forced["spec"]["selector"]["app"] == "ours"


async def test_an_unknown_field_in_a_built_in_kind_is_permanent_though_the_answer_is_500(
    kube: KubeClient, namespace: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await kube.apply(a_deployment(namespace, replicsa=3))
    assert caught.value.status == 500
    assert caught.value.permanent
    assert "replicsa" in caught.value.message


async def test_an_impossible_value_is_permanent_and_names_the_field(
    kube: KubeClient, namespace: str
) -> None:
    with pytest.raises(Invalid, match=r"spec\.replicas") as caught:
        await kube.apply(a_deployment(namespace, replicas=-1))
    assert caught.value.status == 422


async def test_an_unknown_kind_is_not_found(kube: KubeClient, namespace: str) -> None:
    with pytest.raises(NotFound):
        await kube.get(UNKNOWN, namespace, "x")


async def test_applying_into_a_namespace_that_is_not_there_is_not_found(kube: KubeClient) -> None:
    with pytest.raises(NotFound):
        await kube.apply(a_service("no-such-namespace"))


async def test_creating_twice_is_told_apart_from_a_conflict(
    kube: KubeClient, namespace: str
) -> None:
    await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    with pytest.raises(AlreadyExists):
        await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))


async def test_replacing_an_older_version_is_a_conflict(kube: KubeClient, namespace: str) -> None:
    old = await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    await kube.replace(CONFIG_MAPS, namespace, old | {"data": {"a": "1"}})
    with pytest.raises(Conflict):
        await kube.replace(CONFIG_MAPS, namespace, old | {"data": {"a": "2"}})


async def test_delete_spares_an_object_that_was_created_again(
    kube: KubeClient, namespace: str
) -> None:
    # given
    old = await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    old_uid = old["metadata"]["uid"]
    await kube.delete(CONFIG_MAPS, namespace, "one", uid=old_uid)
    new = await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    # when, then
    with pytest.raises(Conflict):
        await kube.delete(CONFIG_MAPS, namespace, "one", uid=old_uid)
    assert await kube.get(CONFIG_MAPS, namespace, "one") == new


async def test_delete_by_version_spares_an_object_that_changed(
    kube: KubeClient, namespace: str
) -> None:
    seen = await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    uid, version = seen["metadata"]["uid"], seen["metadata"]["resourceVersion"]
    await kube.patch(CONFIG_MAPS, namespace, "one", {"data": {"a": "1"}})
    with pytest.raises(Conflict):
        await kube.delete(CONFIG_MAPS, namespace, "one", uid=uid, resource_version=version)


async def test_deleting_what_is_gone_is_success(kube: KubeClient, namespace: str) -> None:
    await kube.delete(CONFIG_MAPS, namespace, "never-was", uid="7c7b1d4e")


async def test_status_is_patched_only_where_it_differs(kube: KubeClient, namespace: str) -> None:
    # given
    created = await kube.apply(a_deployment(namespace))
    before = {"replicas": 3, "readyReplicas": 1}
    seen = await _set_status(kube, created, before)
    # when
    wanted = {"replicas": 3, "updatedReplicas": 2}
    after = await _set_status(kube, seen, wanted)
    # then
    assert after["status"] == wanted
    assert after["spec"] == created["spec"]


async def test_status_computed_from_an_older_version_is_a_conflict(
    kube: KubeClient, namespace: str
) -> None:
    created = await kube.apply(a_deployment(namespace))
    await kube.apply(a_deployment(namespace, replicas=2))
    with pytest.raises(Conflict):
        await _set_status(kube, created, {"replicas": 1})


async def test_an_equal_status_writes_nothing(kube: KubeClient, namespace: str) -> None:
    created = await kube.apply(a_deployment(namespace))
    seen = await _set_status(kube, created, {"replicas": 1})
    again = await _set_status(kube, seen, {"replicas": 1})
    assert again["metadata"]["resourceVersion"] == seen["metadata"]["resourceVersion"]


async def test_lists_come_in_pages_of_one_snapshot(kube: KubeClient, namespace: str) -> None:
    for number in range(7):
        await kube.create(CONFIG_MAPS, namespace, a_config_map(f"c{number}"))
    pages = [page async for page in kube.list_pages(CONFIG_MAPS, namespace, limit=3)]
    assert [len(page.items) for page in pages] == [3, 3, 1]
    assert len({page.resource_version for page in pages}) == 1


async def test_selectors_are_applied_by_the_server(kube: KubeClient, namespace: str) -> None:
    await kube.apply(a_service(namespace, "ours"))
    other = a_service(namespace, "other")
    other["metadata"]["labels"] = {"who": "them"}
    await kube.apply(other)
    found = await kube.list(SERVICES, namespace, label_selector="who=us")
    assert [each["metadata"]["name"] for each in found] == ["ours"]


async def test_an_invalid_continue_token_is_an_error_and_not_an_endless_list(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    proxy.fault(lambda request: "continue" in request.query, refuses(410, "Expired"))
    kube = KubeClient(proxied)
    for number in range(3):
        await kube.create(CONFIG_MAPS, namespace, a_config_map(f"c{number}"))
    with pytest.raises(Gone):
        _ = [page async for page in kube.list_pages(CONFIG_MAPS, namespace, limit=2)]


async def test_no_write_goes_out_while_writes_are_not_allowed(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    kube = KubeClient(proxied, may_write_seconds=lambda: 0.0)
    with pytest.raises(NotLeading):
        await kube.apply(a_service(namespace))
    with pytest.raises(NotLeading):
        await kube.create(CONFIG_MAPS, namespace, a_config_map("one"))
    with pytest.raises(NotLeading):
        await kube.delete(CONFIG_MAPS, namespace, "one", uid="1")
    assert proxy.requested() == 0
    assert await kube.list(PODS, namespace) == []


async def test_a_write_is_not_repeated_once_the_right_to_write_is_gone(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    allowed = [4.0, 0.0]
    proxy.fault(any_request, refuses(503))
    kube = KubeClient(proxied, may_write_seconds=lambda: allowed.pop(0))
    with pytest.raises(NotLeading):
        await kube.apply(a_service(namespace))
    assert proxy.requested() == 1


@pytest.mark.parametrize("write", ["apply", "create"])
async def test_no_write_outlives_the_right_to_write(
    proxied: KubeSession, proxy: FaultProxy, namespace: str, write: str
) -> None:
    # given a server that does not answer, and a lease that is over in half a second
    loop = asyncio.get_running_loop()
    until = loop.time() + 0.5
    proxy.fault(any_request, hangs)
    kube = KubeClient(proxied, may_write_seconds=lambda: until - loop.time())
    made = a_config_map("one")
    made["metadata"]["namespace"] = namespace
    writes = {
        "apply": lambda: kube.apply(a_service(namespace)),
        "create": lambda: kube.create(CONFIG_MAPS, namespace, made),
    }
    # when
    with pytest.raises(Unavailable):
        await writes[write]()
    # then
    assert loop.time() - until < 0.2
    assert proxy.requested() == 1


async def test_a_short_retry_after_is_waited_for(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    proxy.fault(any_request, refuses(429, "TooManyRequests", Retry_After="1"), times=1)
    started = asyncio.get_running_loop().time()
    await KubeClient(proxied).apply(a_service(namespace))
    assert 1.0 <= asyncio.get_running_loop().time() - started < 2.0
    assert proxy.requested() == 2


async def test_a_long_retry_after_gives_the_worker_back(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    proxy.fault(any_request, refuses(429, "TooManyRequests", Retry_After="30"))
    with pytest.raises(Throttled) as caught:
        await KubeClient(proxied).apply(a_service(namespace))
    assert caught.value.retry_after == 30.0
    assert proxy.requested() == 1


async def test_an_unreachable_server_is_tried_three_times(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    await proxy.refuse_connections()
    with pytest.raises(Unavailable) as caught:
        await KubeClient(proxied).apply(a_service(namespace))
    assert not caught.value.permanent


async def test_a_create_whose_answer_was_lost_is_not_sent_twice(
    proxied: KubeSession, proxy: FaultProxy, namespace: str
) -> None:
    proxy.fault(any_request, refuses(500, "InternalError"))
    with pytest.raises(Unavailable):
        await KubeClient(proxied).create(CONFIG_MAPS, namespace, a_config_map("one"))
    assert proxy.requested() == 1


async def _set_status(kube: KubeClient, seen: Manifest, status: dict[str, Any]) -> Manifest:
    metadata = seen["metadata"]
    return await kube.patch_status(
        DEPLOYMENTS,
        metadata["namespace"],
        metadata["name"],
        status,
        previous=seen.get("status") or {},
        resource_version=metadata["resourceVersion"],
    )
