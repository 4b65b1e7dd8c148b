"""Bridges and bonds as networkd, ifupdown and NetworkManager themselves make them, in a network of their own with cards that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.real.debian_root import DebianRoot, debian_root
from vmspec.driver.compilation import Compilation

pytestmark = [pytest.mark.newer, pytest.mark.needs("debootstrap")]

HOST = """host n1 {{
  interface-files = {kind}
  nic eno1 {{ }}
  nic eno2 {{ }}
  nic eno3 {{ }}
  {bond}
  bridge br0 {{
    manage = true; uplink = {uplink}; mtu = 1400; vlan-filtering = {filtering}
    ip {{ addresses = ["192.0.2.10/24", "192.0.2.11/24", "2001:db8::10/64"]; gateways = ["192.0.2.1"]; dns = ["192.0.2.1"] }}
  }}
  bridge br1 {{ manage = true; uplink = eno3 }}
  bridge theirs {{ uplink = eno4 }}
}}"""
WHOLE = {"bond": "bond bond0 { manage = true; ports = [eno1, eno2]; mode = active-backup }", "uplink": "bond0", "filtering": "true"}
PLAIN = {"bond": "", "uplink": "eno1", "filtering": "false"}
PROBE = "ip link add b0 type bond && ip link add r0 type bridge vlan_filtering 1 && echo whole"
CARDS = "for n in 1 2 3; do ip link add eno$n type veth peer name far$n; ip link set far$n up; done\n"
WAIT = """
for n in $(seq 300); do
  ip -o link show br1 2>/dev/null | grep -q 'br1' && ip -o link show master br1 2>/dev/null | grep -q eno3 &&
    ip -o addr show br0 2>/dev/null | grep -q 2001:db8::10 && ip -o link show master br0 2>/dev/null | grep -q UP && break
  sleep 0.2
done
"""
SHOW = """
echo == ; ip -d -j link; echo == ; ip -j addr show br0; echo == ; bridge -j vlan; echo == ; ip -j route; echo ==
"""
STARTS = {
    "networkd": (
        "mkdir -p /run/systemd/netif/links; chown -R systemd-network /run/systemd/netif; /lib/systemd/systemd-networkd >/tmp/log 2>&1 &\n",
        WAIT,
    ),
    # Debian's own /etc/network/interfaces names the folder
    "ifupdown": ("mkdir -p /run/network; ifquery --list -a >/tmp/list; ifup -a --no-loopback >/tmp/log 2>&1 || cat /tmp/log >&2\n", ""),
    "networkmanager": (
        "mkdir -p /run/dbus; dbus-daemon --system --fork; chmod 600 /etc/NetworkManager/system-connections/*\n"
        "NetworkManager --no-daemon >/tmp/log 2>&1 &\n"
        "for n in $(seq 300); do nmcli general >/dev/null 2>&1 && break; sleep 0.2; done\n"
        "for f in /etc/NetworkManager/system-connections/*; do nmcli connection load $f; done\n",
        WAIT,
    ),
}


@pytest.fixture(scope="module")
def root() -> DebianRoot:
    return debian_root()


@pytest.fixture(scope="module")
def kernel(root: DebianRoot) -> dict[str, str]:
    """What this machine's kernel can have of it: bonds and bridges that filter are modules, which a small one lacks."""
    return WHOLE if "whole" in root.run(PROBE, check=False) else PLAIN


def files(kind: str, has: dict[str, str], folder: Path) -> dict[str, str]:
    source = folder / "a.vmspec"
    source.write_text(HOST.format(kind=kind, **has))
    made = Compilation([source])
    assert not made.diagnostics
    return {a.path.removeprefix("hosts/n1/root/"): a.data.decode() for a in made.artifacts() if "/root/" in a.path}


def parsed(text: str) -> list[Any]:
    return [json.loads(part) for part in text.split("==\n")[1:-1]]


@pytest.mark.parametrize("kind", STARTS)
def test_the_interfaces_come_up_as_they_are_meant(kind: str, root: DebianRoot, kernel: dict[str, str], tmp_path: Path) -> None:
    start, wait = STARTS[kind]
    sources = {"etc/network/interfaces": "source /etc/network/interfaces.d/*\n"} if kind == "ifupdown" else {}
    links, addresses, vlans, routes = parsed(root.run(CARDS + start + wait + SHOW, {**files(kind, kernel, tmp_path), **sources}))
    by_name = {link["ifname"]: link for link in links}
    masters = {"eno1": "br0", "eno3": "br1", "br0": None}
    if kernel is WHOLE:
        masters |= {"eno1": "bond0", "eno2": "bond0", "bond0": "br0"}
        assert by_name["bond0"]["linkinfo"]["info_data"]["mode"] == "active-backup"
        trunk = next(each for each in vlans if each["ifname"] == "bond0")["vlans"]
        assert trunk[-1]["vlanEnd"] == 4094
        assert any("PVID" in each.get("flags", ()) and each["vlan"] == 1 for each in trunk)
        assert by_name["br0"]["linkinfo"]["info_data"]["vlan_filtering"] == 1
    assert {name: by_name[name].get("master") for name in masters} == masters
    assert all(by_name[name]["linkinfo"]["info_data"]["stp_state"] == 0 for name in ("br0", "br1"))
    assert {by_name[name]["mtu"] for name in masters if name != "eno3"} == {1400}
    assert {f"{each['local']}/{each['prefixlen']}" for each in addresses[0]["addr_info"] if each["scope"] == "global"} == {
        *("192.0.2.10/24", "192.0.2.11/24", "2001:db8::10/64")
    }
    assert [route["gateway"] for route in routes if route["dst"] == "default"] == ["192.0.2.1"]
    assert "theirs" not in by_name
