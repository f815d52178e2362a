"""Where an artifact may come from: the schemes allowed, and the hosts that no spec may name.

The API server checks as much as regular expressions can (`RULES`); `problems_of` checks all of it
that can be known without asking a name server. What a name resolves to is the fetcher's to check.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit

from headgate.core.schema_marks import Rule

MAX_LENGTH = 2048
PATTERN = r"^[!-\[\]-~]+$"
"""Printable ASCII without the backslash: other letters can be normalised into a host's digits."""

SCHEMES = ("http", "https", "s3", "pvc", "configmap")
LATER_SCHEMES = ("gs", "image")
SCHEME_MESSAGE = (
    "must start with http://, https://, s3://, pvc:// or configmap:// and name something there;"
    " other schemes, file:// among them, are refused"
)
LATER_MESSAGE = "gs:// and image:// are not built yet in this release; use https:// or s3://"
USER_MESSAGE = "must not hold a user or password: put them into a Secret and name it in secretRef"
PARENT_MESSAGE = "must not hold `..` as a part of its path, however it is encoded"
HOST_MESSAGE = (
    "must not name a loopback, link-local, unspecified or cloud metadata host,"
    " nor an IP address in any but its usual notation, nor a port above 65535"
)
FORM_MESSAGE = "must be s3://BUCKET/KEY, pvc://CLAIM/PATH or configmap://NAME[/KEY]"

_NAME = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
_FORMS = {
    "s3": rf"s3://{_NAME}/[^/].*",
    "pvc": rf"pvc://{_NAME}/[^/].*",
    "configmap": rf"configmap://{_NAME}(/[-._a-zA-Z0-9]+)?",
}
# `..` between separators, in the path alone; %2e, %252e and so on are dots that were encoded
_PARENT = r"^[^?#]*(/|%(25)*(2f|5c))(\.|%(25)*2e){2}(/|%(25)*(2f|5c)|[;?#]|$)"
_FORBIDDEN_NAMES = (
    "localhost",
    "localhost.localdomain",
    "ip6-localhost",
    "ip6-loopback",
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
)
_FORBIDDEN_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "192.0.0.192/32",  # metadata of Oracle Cloud
        "168.63.129.16/32",  # Azure's host
        "::/128",
        "::1/128",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
        "fd00:ec2::/32",  # metadata of AWS
        "fd20:ce::254/128",  # metadata of Google Cloud
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_DOTTED = rf"{_OCTET}(\.{_OCTET}){{3}}"
_NUMERIC = r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?"
_HOST_NAME = r"[a-z0-9_]([-a-z0-9_.]*[a-z0-9_])?\.?"
_PORT = r"[0-9]{0,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
_AFTER_HOST = rf"(:({_PORT}))?([/?#]|$)"
# IPv6: only global unicast (2000::/3) and unique local addresses (fc00::/7)
_SHAPE = rf"^https?://({_HOST_NAME}|\[(2|3|fc|fd)[0-9a-f:]*\]){_AFTER_HOST}"


def _host_rules() -> tuple[Rule, ...]:
    names = "|".join(name.replace(".", r"\.") for name in _FORBIDDEN_NAMES)
    ranges = (
        r"(0|127|22[4-9]|23[0-9])\.[0-9.]*|169\.254\.[0-9.]*|255\.255\.255\.255"
        r"|100\.100\.100\.200|192\.0\.0\.192|168\.63\.129\.16"
    )
    refused = (
        rf"({names}|([^/?#]*\.)?localhost)\.?{_AFTER_HOST}",
        rf"({ranges})\.?{_AFTER_HOST}",
        r"\[fd00:0?ec2:",
    )
    web = "self.matches('^https?://')"
    checks = [f"!self.matches(r'(?i)^https?://{pattern}')" for pattern in refused]
    numeric = (
        f"!self.matches(r'(?i)^https?://{_NUMERIC}{_AFTER_HOST}')"
        f" || self.matches(r'^https?://{_DOTTED}{_AFTER_HOST}')"
    )
    shape = f"self.matches(r'(?i){_SHAPE}')"
    rule = f"!{web} || ({' && '.join(checks)} && ({numeric}) && {shape})"
    return (Rule(rule, HOST_MESSAGE),)


RULES = (
    Rule(f"self.matches('^({'|'.join(SCHEMES + LATER_SCHEMES)})://[^/?#]')", SCHEME_MESSAGE),
    Rule(f"!self.matches('^({'|'.join(LATER_SCHEMES)})://')", LATER_MESSAGE),
    Rule("!self.matches('^[a-z0-9]+://[^/?#]*@')", USER_MESSAGE),
    Rule(f"!self.matches(r'(?i){_PARENT}')", PARENT_MESSAGE),
    Rule(
        "!self.matches('^(s3|pvc|configmap)://')"
        f" || self.matches(r'^({'|'.join(_FORMS.values())})$')",
        FORM_MESSAGE,
    ),
    *_host_rules(),
)


def problems_of(uri: str) -> Iterator[str]:
    """Say everything that is wrong with an artifact's URI; nothing when it may be fetched."""
    if len(uri) > MAX_LENGTH or not re.fullmatch(PATTERN[1:-1], uri):
        yield f"must be at most {MAX_LENGTH} printable ASCII characters, without a backslash"
        return
    scheme, separator, rest = uri.partition("://")
    if not separator or not rest or rest[0] in "/?#":
        yield SCHEME_MESSAGE
    elif scheme in LATER_SCHEMES:
        yield LATER_MESSAGE
    elif scheme not in SCHEMES:
        yield SCHEME_MESSAGE
    if "@" in re.split(r"[/?#]", rest, maxsplit=1)[0]:
        yield USER_MESSAGE
    if _has_parent_part(uri):
        yield PARENT_MESSAGE
    if scheme in _FORMS and not re.fullmatch(_FORMS[scheme], uri):
        yield FORM_MESSAGE
    if scheme in {"http", "https"} and not _may_be_asked(uri):
        yield HOST_MESSAGE


def forbidden_address(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether nothing may be fetched from this address, also in its wrapped IPv6 forms."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or _nat64(address)
        if wrapped is not None:
            return forbidden_address(wrapped)
        if int(address) < 2**32:  # ::a.b.c.d, deprecated, still resolved by some
            return True
    return any(
        address.version == network.version and address in network for network in _FORBIDDEN_NETWORKS
    )


def _nat64(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _has_parent_part(uri: str) -> bool:
    previous, path = "", uri
    for _ in range(4):  # encoded twice and more: decoded until nothing changes
        if re.search(_PARENT, path, re.IGNORECASE):
            return True
        previous, path = path, unquote(path)
        if path == previous:
            return False
    return True


def _may_be_asked(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if not re.match(_SHAPE, uri, re.IGNORECASE):
        return False
    if re.fullmatch(_NUMERIC, host) or "[" in parts.netloc:
        try:
            return not forbidden_address(ip_address(host))
        except ValueError:
            return False
    host = host.removesuffix(".")
    return host not in _FORBIDDEN_NAMES and not host.endswith(".localhost")
