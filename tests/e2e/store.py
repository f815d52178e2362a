"""Servers and volumes inside the cluster that a validation's pod really fetches from."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hack.demo.installation import image_of
from hack.demo.kubectl import Kubectl
from headgate.core.pods import container_security, pod_security
from tests.builders.resources import Manifest

NAME = "store"
LOGIN = "store-login"
PROGRAM = "/tmp/rclone"  # noqa: S108 - an emptyDir of the pod
HTTP_PORT, S3_PORT, CLOSED_PORT = 8000, 9000, 81
READY_SECONDS = 60
COPY_SECONDS = 120


@dataclass(frozen=True)
class Login:
    """A name and its password, for both servers."""

    name: str = "reader-7f3a"
    password: str = "correct-horse-battery-staple"  # noqa: S105 - of a server in a test


@dataclass(frozen=True)
class Store:
    """A pod with files in buckets, served over S3 and over HTTP, both asking for a login."""

    kubectl: Kubectl
    namespace: str
    login: Login = Login()

    def start(self, files: Mapping[str, bytes]) -> None:
        """Serve files, by BUCKET/KEY; return when both servers answer."""
        self.kubectl.apply(self.secret(LOGIN), self._pod(), self._service())
        self.kubectl.run("wait", "--for=condition=PodScheduled", "pod", NAME, "-n", self.namespace)
        self._until("true")
        for path, content in files.items():
            self._put(f"/data/{path}", content)
        self._put(PROGRAM, _program().read_bytes())
        for port in (HTTP_PORT, S3_PORT):
            self._until(f"exec 3<>/dev/tcp/127.0.0.1/{port}")

    def http(self, path: str) -> str:
        return f"http://{NAME}.{self.namespace}.svc:{HTTP_PORT}/{path}"

    def s3(self, path: str) -> str:
        return f"s3://{path}"

    def nobody(self, path: str) -> str:
        """Return an address of the same pod at which nothing listens."""
        pod = self.kubectl.json("get", "pod", NAME, "-n", self.namespace)
        return f"http://{pod['status']['podIP']}:{CLOSED_PORT}/{path}"

    def secret(self, name: str, *, password: str = "") -> Manifest:
        """Return a Secret that opens both servers, unless the password is another one."""
        key = password or self.login.password
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": self.namespace},
            "stringData": {
                "username": self.login.name,
                "password": key,
                "AWS_ACCESS_KEY_ID": self.login.name,
                "AWS_SECRET_ACCESS_KEY": key,
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": f"http://{NAME}.{self.namespace}.svc:{S3_PORT}",
            },
        }

    def _put(self, path: str, content: bytes) -> None:
        folder = path.rpartition("/")[0]
        part = f"{path}.part"
        script = f"mkdir -p {folder} && cat > {part} && chmod +x {part} && mv {part} {path}"
        _exec(self.kubectl, self.namespace, script, content)

    def _until(self, script: str) -> None:
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                _exec(self.kubectl, self.namespace, script, b"")
            except subprocess.CalledProcessError as error:
                if time.monotonic() > until:
                    raise AssertionError(f"{script}: {error.stderr!r}") from error
                time.sleep(0.3)
            else:
                return

    def _pod(self) -> Manifest:
        common = "--config= --cache-dir=/tmp"
        script = (
            f"until [ -x {PROGRAM} ]; do sleep 0.2; done;"
            f" {PROGRAM} serve http {common} --addr :{HTTP_PORT}"
            ' --user "$username" --pass "$password" /data &'
            f" exec {PROGRAM} serve s3 {common} --addr :{S3_PORT}"
            ' --auth-key "$username,$password" /data'
        )
        container = {
            "name": NAME,
            "image": image_of("server"),
            "imagePullPolicy": "IfNotPresent",
            "command": ["bash", "-c", script],
            "envFrom": [{"secretRef": {"name": LOGIN}}],
            "securityContext": container_security(),
            "volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in ("tmp", "data")],
            "resources": {
                "requests": {"cpu": "50m", "memory": "64Mi"},
                "limits": {"memory": "512Mi"},
            },
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": NAME,
                "namespace": self.namespace,
                "labels": {"app.kubernetes.io/name": NAME},
            },
            "spec": {
                "containers": [container],
                "volumes": [{"name": name, "emptyDir": {}} for name in ("tmp", "data")],
                "securityContext": pod_security(),
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "terminationGracePeriodSeconds": 0,
            },
        }

    def _service(self) -> Manifest:
        ports = (("http", HTTP_PORT), ("s3", S3_PORT))
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": NAME, "namespace": self.namespace},
            "spec": {
                "selector": {"app.kubernetes.io/name": NAME},
                "ports": [{"name": name, "port": port} for name, port in ports],
            },
        }


@contextmanager
def claim(kubectl: Kubectl, namespace: str, name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """Give a namespace a claim with files on it; yield the claim's name.

    The volume is a folder of the node's own /run, which is gone with the node.
    """
    volume = f"{namespace}-{name}"
    helper = f"{volume}-writer"[:63].rstrip("-")
    folder = f"/run/headgate-test/{volume}"
    kubectl.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": helper}},
        _writer(helper, folder),
    )
    try:
        kubectl.run("wait", "--for=condition=Ready", "pod", NAME, "-n", helper, "--timeout=60s")
        for path, content in files.items():
            _exec(kubectl, helper, f"cat > /data/{path} && chmod 644 /data/{path}", content)
        kubectl.apply(*_volume(volume, namespace, name, folder))
        yield name
        _exec(kubectl, helper, "rm -rf /data/*", b"")
    finally:
        kubectl.run("delete", "namespace", helper, "--wait=false")
        kubectl.run("delete", "pv", volume, "--ignore-not-found", "--wait=false")


def _writer(namespace: str, folder: str) -> Manifest:
    """Return a pod that may write to the node: it is in a namespace that lets it."""
    container = {
        "name": NAME,
        "image": image_of("server"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "600"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    path = {"path": folder, "type": "DirectoryOrCreate"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {
            "containers": [container],
            "volumes": [{"name": "data", "hostPath": path}],
            "terminationGracePeriodSeconds": 0,
        },
    }


def _volume(volume: str, namespace: str, name: str, folder: str) -> tuple[Manifest, Manifest]:
    access, size = ["ReadOnlyMany"], {"storage": "1Gi"}
    return (
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                "capacity": size,
                "accessModes": access,
                "storageClassName": "",
                "hostPath": {"path": folder},
                "claimRef": {"namespace": namespace, "name": name},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "accessModes": access,
                "storageClassName": "",
                "volumeName": volume,
                "resources": {"requests": size},
            },
        },
    )


def _exec(kubectl: Kubectl, namespace: str, script: str, content: bytes) -> None:
    arguments = ["exec", "-i", "-n", namespace, NAME, "--", "bash", "-c", script]
    subprocess.run(
        kubectl.argv(arguments),
        input=content,
        capture_output=True,
        check=True,
        timeout=COPY_SECONDS,
        env=kubectl.environment(),
    )


def _program() -> Path:
    """Return the server: one static program, which runs in any image."""
    beside = Path(sys.executable).parent
    found = shutil.which("rclone", path=str(beside))
    assert found is not None, "rclone is not in .venv: make setup"
    return Path(found)
