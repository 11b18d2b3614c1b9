"""Which addresses a webhook may reach."""

import pytest

from core.ssrf import is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.127.255.255", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "", "localhost",
        "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::a83f:8110", "2002:a83f:8110::1", "192.0.0.8", "192.0.0.171",
        "192.88.99.1", "100:0:0:1::1", "3fff::1", "3fff:fff::1", "5f00::1", "fec0::1", "feff::1",
    ],
)  # fmt: skip
def test_what_is_private_local_or_reserved_is_out_of_reach(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "1.1.1.1", "100.63.255.255", "168.63.129.15", "168.63.129.17", "192.0.1.1", "2606:4700::1111",
        "2002:808:808::1",
    ],
)  # fmt: skip
def test_the_public_internet_is_within_reach(address: str) -> None:
    assert is_public(address)
