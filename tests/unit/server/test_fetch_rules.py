import ipaddress

import pytest

from headgate.server.fetch.addresses import checked_addresses, refusal
from headgate.server.fetch.settings import fetch_settings_from
from headgate.server.termination import ExitReason, GivingUpError

SHA256 = "ab" * 32
GOOD = {"HEADGATE_ARTIFACT_URI": "https://models/iris.tgz", "HEADGATE_ARTIFACT_SHA256": SHA256}


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("127.0.0.1", "is this pod itself"),
        ("127.8.9.1", "is this pod itself"),
        ("::1", "is this pod itself"),
        ("0.0.0.0", "is this pod itself"),
        ("::", "is this pod itself"),
        ("::ffff:127.0.0.1", "is this pod itself"),
        ("64:ff9b::7f00:1", "is this pod itself"),
        ("169.254.169.254", "is link-local"),
        ("::ffff:169.254.169.254", "is link-local"),
        ("2002:a9fe:a9fe::", "is link-local"),
        ("fe80::1", "is link-local"),
        ("fd00:ec2::254", "is a cloud's metadata service"),
        ("100.100.100.200", "is a cloud's metadata service"),
        ("224.0.0.1", "is a multicast address"),
        ("10.96.0.10", None),
        ("192.168.1.4", None),
        ("fd12::7", None),
        ("93.184.216.34", None),
    ],
)
def test_artifacts_come_from_the_cluster_and_the_world_but_not_from_the_pods_own_places(
    address: str, because: str | None
) -> None:
    assert refusal(ipaddress.ip_address(address), ()) == because


def test_a_network_may_be_allowed_by_who_runs_the_operator() -> None:
    allowed = (ipaddress.ip_network("127.0.0.0/8"),)
    assert refusal(ipaddress.ip_address("127.0.0.1"), allowed) is None
    assert refusal(ipaddress.ip_address("::1"), allowed) is not None


def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    with pytest.raises(GivingUpError, match=r"localhost is at .*, which is this pod itself"):
        checked_addresses("localhost", 80, ())


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HEADGATE_ARTIFACT_SHA256", "abc", "expected 64 hexadecimal digits"),
        ("HEADGATE_ARTIFACT_SHA256", "", "expected 64 hexadecimal digits"),
        ("HEADGATE_ARTIFACT_URI", "", "expected one of http://, https://, s3://, pvc://"),
        ("HEADGATE_ARTIFACT_URI", "file:///etc/passwd", "got 'file'"),
        ("HEADGATE_ARTIFACT_URI", "https:///x", "has no host"),
        ("HEADGATE_ARTIFACT_URI", "https://me:pw@models/x", "credentials belong in the Secret"),
        ("HEADGATE_ARTIFACT_URI", "pvc://claim/../x", "has no place in a path"),
        ("HEADGATE_ARTIFACT_URI", "https://models:99999/x", "Port out of range"),
        ("HEADGATE_MAX_ARTIFACT_BYTES", "-5", "expected a positive number"),
        ("HEADGATE_ALLOWED_NETWORKS", "10.0.0.1/8", "has host bits set"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(variable: str, value: str, message: str) -> None:
    with pytest.raises(GivingUpError) as refusal_:
        fetch_settings_from(GOOD | {variable: value})
    assert refusal_.value.reason is ExitReason.SETTINGS_INVALID
    assert refusal_.value.message.startswith(variable)
    assert message in refusal_.value.message


def test_a_signature_in_a_query_is_never_shown() -> None:
    settings = fetch_settings_from(
        GOOD | {"HEADGATE_ARTIFACT_URI": "https://models/iris.tgz?X-Amz-Signature=secret"}
    )
    assert settings.shown_uri == "https://models/iris.tgz"


def test_the_prefix_of_a_digest_is_understood() -> None:
    assert fetch_settings_from(GOOD | {"HEADGATE_ARTIFACT_SHA256": f"sha256:{SHA256}"}).sha256 == (
        SHA256
    )
