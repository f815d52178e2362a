"""Where credentials come from, and what is said when there are none."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate.kube.credentials import (
    CredentialsError,
    TokenFile,
    find_credentials,
    from_kubeconfig,
    in_cluster,
)


def a_kubeconfig(path: Path, *, user: Any = None, cluster: Any = None) -> Path:
    config = {
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "team-a"}}
        ],
        "clusters": [{"name": "c", "cluster": {"server": "https://api:6443"} | (cluster or {})}],
        "users": [{"name": "u", "user": user or {"token": "secret"}}],
    }
    file = path / "config"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file


def test_a_token_is_read_again_after_a_minute_or_when_it_was_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n", encoding="utf-8")
    token = TokenFile(file)
    assert token.token(0.0) == "one"
    file.write_text("two", encoding="utf-8")
    assert token.token(59.0) == "one"
    assert token.token(60.0) == "two"
    file.write_text("three", encoding="utf-8")
    assert token.token(61.0, force=True) == "three"


def test_a_token_file_that_is_away_for_a_moment_leaves_the_old_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one", encoding="utf-8")
    token = TokenFile(file)
    token.token(0.0)
    file.unlink()
    assert token.token(100.0) == "one"


def test_a_pod_finds_its_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, text in (("token", "t"), ("ca.crt", "PEM"), ("namespace", "headgate-system\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = in_cluster(tmp_path)
    assert found.server == "https://[fd00::1]:443"
    assert found.namespace == "headgate-system"
    assert found.token(0.0) == "t"


def test_inline_data_and_relative_files_are_both_read(tmp_path: Path) -> None:
    (tmp_path / "client.key").write_text("KEY", encoding="utf-8")
    user = {
        "client-certificate-data": base64.b64encode(b"CERT").decode(),
        "client-key": "client.key",
    }
    found = from_kubeconfig(a_kubeconfig(tmp_path, user=user))
    assert (found.client_certificate_pem, found.client_key_pem) == (b"CERT", b"KEY")
    assert found.namespace == "team-a"
    assert found.token(0.0) is None


def test_the_proxy_of_the_kubeconfig_counts_before_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://environment:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    named = from_kubeconfig(a_kubeconfig(tmp_path, cluster={"proxy-url": "http://named:2"}))
    assert named.proxy == "http://named:2"
    assert from_kubeconfig(a_kubeconfig(tmp_path)).proxy == "http://environment:1"
    monkeypatch.setenv("no_proxy", "api")
    assert from_kubeconfig(a_kubeconfig(tmp_path)).proxy is None


def test_a_login_by_plugin_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="client certificate or a token"):
        from_kubeconfig(a_kubeconfig(tmp_path, user={"exec": {"command": "login"}}))


def test_no_credentials_at_all_says_where_they_were_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    with pytest.raises(CredentialsError, match="set KUBECONFIG"):
        find_credentials()


def test_a_context_without_its_cluster_is_named(tmp_path: Path) -> None:
    file = a_kubeconfig(tmp_path)
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["clusters"] = []
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    with pytest.raises(CredentialsError, match="clusters has no entry named 'c'"):
        from_kubeconfig(file)
