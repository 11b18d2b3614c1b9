"""Signed URLs under a managed identity: no account key anywhere, a user-delegation key signs. Azurite plays the service."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.storage.blob import BlobServiceClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.sas import Signer
from core import naming
from devhost.azurite_server import ACCOUNT, HOME
from devhost.node import node
from devhost.ports import free_ports
from devhost.testing import eventually

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


class Identity:
    """A managed identity's credential: tokens with the claims that the service looks at."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com",
            "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            "oid": "23657296-5cd5-45b0-a809-d972a7f4dfe1",
            "tid": "ab1f708d-50f6-404c-a006-d71b2ac7a606",
        }
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        return AccessToken(".".join([*(_base64(json.dumps(part).encode()) for part in parts), "x"]), now + 3600)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked))
    return paths


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobServiceClient]:
    """Azurite over HTTPS, which takes tokens; a client that has an identity and no key."""
    folder = tmp_path_factory.mktemp("oauth")
    cert, key = certificate(folder)
    (port,) = free_ports(1)
    script = HOME / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
    options = ["--blobPort", str(port), "--location", str(folder), "--skipApiVersionCheck", "--disableTelemetry"]
    secure = ["--oauth", "basic", "--cert", str(cert), "--key", str(key), "--silent"]
    azurite = subprocess.Popen([str(node()), str(script), *options, *secure], env=dict(os.environ))
    client = BlobServiceClient(f"https://127.0.0.1:{port}/{ACCOUNT}", Identity(), connection_verify=str(cert))

    def answers() -> bool:
        """Azurite takes tokens"""
        assert azurite.poll() is None
        try:
            client.create_container(naming.UPLOADS)
        except Exception:
            return False
        return True

    eventually(answers, 30)
    yield client
    client.close()
    azurite.terminate()
    azurite.wait(10)


def test_a_delegation_key_signs_an_upload_for_one_blob_over_https_only(service: BlobServiceClient) -> None:
    signer = Signer(service, delegated=True)
    name = "u/0000000000000000/1795000000000-a1-x.jpg"
    url = signer.upload_url(name, 900).url
    assert {"sp=cw", "sr=b", "spr=https", "skoid=23657296-5cd5-45b0-a809-d972a7f4dfe1"} <= set(
        url.partition("?")[2].split("&")
    )
    headers = {"x-ms-blob-type": "BlockBlob", "if-none-match": "*"}
    send = {"headers": headers, "data": b"photo", "verify": False, "timeout": 20}
    assert requests.put(url, **send).status_code == 201  # type: ignore[arg-type]
    assert requests.put(url.replace("-x.jpg", "-y.jpg"), **send).status_code == 403  # type: ignore[arg-type]
    assert requests.get(url, verify=False, timeout=20).status_code == 403
    down = signer.download_url(naming.UPLOADS, name, 900, file_name='a "b".jpg', content_type="image/jpeg")
    file = requests.get(down.url, verify=False, timeout=20)
    assert (file.content, file.headers["content-type"]) == (b"photo", "image/jpeg")
    assert file.headers["content-disposition"] == "attachment; filename=\"a _b_.jpg\"; filename*=UTF-8''a%20%22b%22.jpg"


def test_one_delegation_key_is_used_for_many_urls(service: BlobServiceClient) -> None:
    signer = Signer(service, delegated=True)
    starts = {signer.upload_url(f"u/0/{n}", 60).url.split("skt=")[1].split("&")[0] for n in range(3)}
    assert len(starts) == 1
