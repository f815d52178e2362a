"""The one worker node: containerd, kubelet, kube-proxy and CoreDNS, and their configuration.

Paths below /run and /var/lib/kubelet are the node's own: sandbox.py mounts them there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hack.cluster.components import Component, flags
from hack.cluster.slots import Slot

NODE_NAME = "worker"
NODE_USER = f"system:node:{NODE_NAME}"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "docker.io/headgate/pause:1"
CLUSTER_DOMAIN = "cluster.local"
MAX_PODS = 250

CONTAINERD = """\
version = 2
root = "{root}"
state = "/run/containerd"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = "{socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  disable_apparmor = {no_apparmor}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{cni_programs}"
    conf_dir = "{cni_settings}"
"""

COREFILE = """\
.:53 {{
    bind {address}
    errors
    health 127.0.0.1:8080
    ready 127.0.0.1:8181
    kubernetes {domain} in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }}
    cache 5
}}
"""


@dataclass(frozen=True)
class Worker:
    """Everything the node's components are configured from."""

    program: Path
    slot: Slot
    folder: Path  # configuration goes here
    logs: Path
    images: Path  # containerd's own folder
    authority: Path
    cni_programs: Path
    snapshotter: str = "overlayfs"

    def containerd(self) -> Component:
        """Return the container runtime, with each pod on a point-to-point link of its own.

        There is no bridge: what pods send each other is routed, so that Services work without
        the kernel's br_netfilter.
        """
        cni_settings = self.folder / "cni"
        cni_settings.mkdir(parents=True, exist_ok=True)
        (cni_settings / "10-headgate.conflist").write_text(json.dumps(self._pod_network()))
        config = CONTAINERD.format(
            root=self.images,
            socket=CONTAINERD_SOCKET,
            pause=PAUSE_IMAGE,
            no_apparmor="true",  # the profile would have to be loaded into the host's kernel
            snapshotter=self.snapshotter,
            cni_programs=self.cni_programs,
            cni_settings=cni_settings,
        )
        path = self._write("containerd.toml", config)
        return self._component("containerd", ["containerd", "--config", str(path)])

    def resolver(self) -> Path:
        """Return the node's resolv.conf: it asks CoreDNS, as pods do through the Service."""
        return self._write("resolv.conf", f"nameserver {self.slot.node_address}\n")

    def kubelet(self, kubeconfig: Path) -> Component:
        """Return the kubelet."""
        settings_of_node = self._kubelet_settings(self.resolver())
        config = self._write("kubelet.json", json.dumps(settings_of_node, indent=1))
        settings = flags(
            config=config,
            kubeconfig=kubeconfig,
            hostname_override=NODE_NAME,
            node_ip=self.slot.node_address,
        )
        return self._component("kubelet", [str(self.program), "kubelet", *settings])

    def kube_proxy(self, kubeconfig: Path) -> Component:
        """Return the proxy that makes Services; its rules live in the node's network namespace."""
        settings: dict[str, Any] = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(kubeconfig)},
            "hostnameOverride": NODE_NAME,
            "mode": "iptables",
            "clusterCIDR": str(self.slot.pods),
            "oomScoreAdj": 0,
            # The table's size belongs to the machine, and cannot be set from a namespace.
            "conntrack": {"maxPerCore": 0, "min": 0},
            "metricsBindAddress": "127.0.0.1:10249",
        }
        config = self._write("kube-proxy.json", json.dumps(settings, indent=1))
        argv = [str(self.program), "kube-proxy", *flags(config=config)]
        return self._component("kube-proxy", argv)

    def coredns(self, kubeconfig: Path) -> Component:
        """Return the cluster's DNS. It knows the cluster only: pods have no way out of it."""
        config = COREFILE.format(
            address=self.slot.node_address, domain=CLUSTER_DOMAIN, kubeconfig=kubeconfig
        )
        path = self._write("Corefile", config)
        return self._component("coredns", [str(self.program), "coredns", "-conf", str(path)])

    def _pod_network(self) -> dict[str, Any]:
        addresses = {
            "type": "host-local",
            "dataDir": "/run/cni-addresses",  # forgotten with the node's namespaces
            "ranges": [[{"subnet": str(self.slot.pods)}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        }
        links = {"type": "ptp", "ipMasq": False, "mtu": 1500, "ipam": addresses}
        ports = {"type": "portmap", "capabilities": {"portMappings": True}}
        return {"cniVersion": "0.4.0", "name": "headgate", "plugins": [links, ports]}

    def _kubelet_settings(self, resolver: Path) -> dict[str, Any]:
        never = {"imagefs.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%"}
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.authority)},
            },
            "authorization": {"mode": "Webhook"},
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": self.slot.cgroup,
            "enforceNodeAllocatable": [],
            "clusterDNS": [str(self.slot.dns_address)],
            "clusterDomain": CLUSTER_DOMAIN,
            "resolvConf": str(resolver),
            "failSwapOn": False,
            "oomScoreAdj": 0,
            "maxPods": MAX_PODS,
            "serializeImagePulls": False,
            # A developer's disk is often nearly full; that must not evict a test's pods.
            "evictionHard": never,
            "imageGCHighThresholdPercent": 100,
            "volumePluginDir": str(self.folder / "volume-plugins"),
        }

    def _write(self, name: str, content: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_text(content)
        return path

    def _component(self, name: str, argv: list[str]) -> Component:
        return Component(name, argv, self.logs / f"{name}.log")
