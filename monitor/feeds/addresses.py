"""Which addresses may be dialled: a pure verdict on one address.

``ipaddress.is_global`` is no judge here: it passes ``::127.0.0.1``, NAT64, 6to4, site-local and multicast addresses.
For IPv4 the special blocks are listed and the rest is public; for IPv6 only 2000::/3 is public (RFC 4291 §2.4), less
the special blocks in it. Sources: the IANA special-purpose registries (RFC 6890) and the RFCs named below.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: First block that holds the address names it.
IPV4_DENIED: tuple[tuple[IPv4Network, str], ...] = (
    (IPv4Network("0.0.0.0/8"), "unspecified"),
    (IPv4Network("10.0.0.0/8"), "private"),
    (IPv4Network("100.64.0.0/10"), "shared by a carrier (CGNAT)"),
    (IPv4Network("127.0.0.0/8"), "loopback"),
    (IPv4Network("169.254.0.0/16"), "link-local"),
    (IPv4Network("172.16.0.0/12"), "private"),
    (IPv4Network("192.0.0.0/24"), "reserved for protocols"),
    (IPv4Network("192.0.2.0/24"), "for documentation"),
    (IPv4Network("192.88.99.0/24"), "a 6to4 relay"),
    (IPv4Network("192.168.0.0/16"), "private"),
    (IPv4Network("198.18.0.0/15"), "for benchmarks"),
    (IPv4Network("198.51.100.0/24"), "for documentation"),
    (IPv4Network("203.0.113.0/24"), "for documentation"),
    (IPv4Network("224.0.0.0/4"), "multicast"),
    (IPv4Network("240.0.0.0/4"), "reserved"),
)

IPV6_DENIED: tuple[tuple[IPv6Network, str], ...] = (
    (IPv6Network("::/128"), "unspecified"),
    (IPv6Network("::1/128"), "loopback"),
    (IPv6Network("::/96"), "IPv4-compatible"),
    (IPv6Network("64:ff9b:1::/48"), "local NAT64"),
    (IPv6Network("fc00::/7"), "private"),
    (IPv6Network("fe80::/10"), "link-local"),
    (IPv6Network("fec0::/10"), "site-local"),
    (IPv6Network("ff00::/8"), "multicast"),
    (IPv6Network("2001::/32"), "Teredo"),
    (IPv6Network("2001::/23"), "reserved for protocols"),
    (IPv6Network("2001:db8::/32"), "for documentation"),
    (IPv6Network("2002::/16"), "6to4"),
    (IPv6Network("3fff::/20"), "for documentation"),
)

#: An IPv4 address stands in the last 32 bits, and it is what will be reached: by the kernel itself (mapped, RFC 4291
#: §2.5.5.2) or through the network's own translator (RFC 6052; a host that has IPv6 only sees all of IPv4 like this).
EMBEDDING = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
PUBLIC_IPV6 = IPv6Network("2000::/3")


def judge(address: Address, allow: Sequence[Network]) -> str | None:
    """Say why this address must not be dialled; None if it may be.

    ``allow`` lists what the operator permits beyond public addresses. It is read before and after unwrapping, so that
    ``127.0.0.2/32`` permits ``::ffff:127.0.0.2`` as well.
    """
    if any(address in network for network in allow):
        return None
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in IPV4_DENIED if address in network), None)
    if any(address in network for network in EMBEDDING):
        return judge(IPv4Address(int(address) & 0xFFFFFFFF), allow)
    kind = next((kind for network, kind in IPV6_DENIED if address in network), None)
    return kind if kind or address in PUBLIC_IPV6 else "reserved"
