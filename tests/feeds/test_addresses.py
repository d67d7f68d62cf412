from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from monitor.feeds.addresses import judge

DENIED = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "10.255.255.255": "private",
    "100.64.0.1": "shared by a carrier (CGNAT)",
    "100.100.100.200": "shared by a carrier (CGNAT)",
    "127.0.0.1": "loopback",
    "127.255.0.9": "loopback",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved for protocols",
    "192.0.2.1": "for documentation",
    "192.88.99.1": "a 6to4 relay",
    "192.168.1.1": "private",
    "198.19.0.1": "for benchmarks",
    "198.51.100.7": "for documentation",
    "203.0.113.7": "for documentation",
    "224.0.0.251": "multicast",
    "255.255.255.255": "reserved",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "IPv4-compatible",
    "::8.8.8.8": "IPv4-compatible",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a9fe:a9fe": "link-local",
    "64:ff9b:1::1": "local NAT64",
    "100::1": "reserved",
    "2001::1": "Teredo",
    "2001:2::1": "reserved for protocols",
    "2001:db8::1": "for documentation",
    "2002:7f00:1::": "6to4",
    "3fff::1": "for documentation",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)


@pytest.mark.parametrize(("address", "kind"), DENIED.items(), ids=DENIED)
def test_an_address_that_is_not_public_is_denied_by_its_kind(address: str, kind: str) -> None:
    assert judge(ip_address(address), ()) == kind


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_dialled(address: str) -> None:
    assert judge(ip_address(address), ()) is None


def test_the_operator_may_allow_a_network_and_no_more_than_it() -> None:
    allow = (ip_network("127.0.0.2/32"), ip_network("fd00::/8"))
    assert judge(ip_address("127.0.0.2"), allow) is None
    assert judge(ip_address("::ffff:127.0.0.2"), allow) is None
    assert judge(ip_address("fd12::1"), allow) is None
    assert judge(ip_address("127.0.0.1"), allow) == "loopback"
    assert judge(ip_address("::ffff:127.0.0.1"), allow) == "loopback"
