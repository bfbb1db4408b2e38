"""Logins of azure-identity, against an Azurite that takes tokens."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import os
import time
from typing import ClassVar

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import azurite
from toil_azure.accounts import Accounts
from toil_azure.blob_storage import AzureStorage
from toil_azure.blob_url import AzureUrlAccess
from toil_core.errors import StorageError, UrlError
from toil_core.system.retry import Patience

identity = pytest.importorskip("toil_azure.door.identity", reason="azure-identity is not installed")

IMPATIENT = Patience(attempts=4, base_seconds=0.005, cap_seconds=0.02)


class Login:
    """In the place of the library's chain of credentials: tokens as a tenant makes them, but for the signature."""

    made: ClassVar[list[Login]] = []
    lifetime_seconds = 3600

    def __init__(self):
        self.tokens = 0
        self.made.append(self)

    def get_token(self, *scopes, **_):
        self.tokens += 1
        now = int(time.time())
        ends = now + self.lifetime_seconds
        facts = {"aud": "https://storage.azure.com", "iss": "https://sts.windows.net/tenant/"}
        return AccessToken(jwt({**facts, "nbf": now - 10, "iat": now - 10, "exp": ends}), ends)


class NoLogin:
    def get_token(self, *scopes, **_):
        raise ClientAuthenticationError("a dozen lines\nof what was tried")


def jwt(facts):
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, facts)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in [*parts, b"signature"])


@pytest.fixture
def login(monkeypatch):
    Login.made = []
    monkeypatch.setattr(identity, "DefaultAzureCredential", Login)
    return Login


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for this machine, which nobody trusts yet, in a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "certificate.pem"
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + encoded)
    return path


@pytest.fixture(scope="session")
def secure_emulator(tmp_path_factory, certificate):
    """An emulator that is spoken to by https."""
    if azurite.command() is None:
        pytest.skip("Azurite is not installed: npm install azurite, and name its azurite-blob in TOIL_AZURITE")
    emulator = azurite.Azurite(tmp_path_factory.mktemp("azurite"), certificate)
    emulator.start()
    yield emulator
    emulator.stop()


@pytest.fixture
def accounts(secure_emulator, tmp_path):
    """The accounts of the emulator, to which the environment has no key."""
    return Accounts({"AZURE_STORAGE_SERVICE_ENDPOINT": secure_emulator.endpoint}, tmp_path)


@pytest.mark.network
def test_a_login_opens_stores_and_urls(login, accounts, rest, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    storage = AzureStorage(rest, None, accounts, IMPATIENT)
    storage.create()
    storage.put("a", b"content", if_absent=True)
    storage.put("b", b"content")
    assert storage.public_url("a") is None
    url = f"https://{azurite.ACCOUNT}.blob.core.windows.net/{rest.partition(':')[2]}/a"
    with AzureUrlAccess(None, accounts, IMPATIENT).read(url) as stream:
        assert stream.read() == b"content"
    storage.delete(["a", "b"])
    storage.destroy()
    assert [one.tokens for one in login.made] == [1, 1]


@pytest.mark.network
def test_a_certificate_that_is_not_trusted_is_told_at_once(login, accounts, rest):
    with pytest.raises(StorageError, match="its certificate is not trusted"):
        AzureStorage(rest, None, accounts).open()


def test_who_is_not_logged_in_is_told_how_to_be(rest, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(identity, "DefaultAzureCredential", NoLogin)
    accounts = Accounts({}, tmp_path)
    with pytest.raises(StorageError) as caught:
        AzureStorage(rest, None, accounts).open()
    assert f"azure:{rest} could not be opened: azure-identity finds no login. Try: az login. Set" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(UrlError, match="azure-identity finds no login"):
        AzureUrlAccess(None, accounts).facts("az://box@toiltest/a")
    assert caplog.text == ""


@pytest.mark.network
def test_who_is_not_logged_in_is_a_stranger_to_web_pages(secure_emulator, accounts, rest, certificate, monkeypatch):
    monkeypatch.setattr(identity, "DefaultAzureCredential", NoLogin)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with pytest.raises(UrlError, match="there are no credentials for its account"):
        AzureUrlAccess(None, accounts, IMPATIENT).read(f"https://{azurite.ACCOUNT}.blob.core.windows.net/box/a")


def test_a_token_is_kept_until_it_is_about_to_end(login, monkeypatch):
    kept = identity.KeptTokens()
    assert kept.get_token("scope") is kept.get_token("scope")
    assert kept.get_token("other scope") is not kept.get_token("scope")
    monkeypatch.setattr(login, "lifetime_seconds", 100)
    short = identity.KeptTokens()
    assert short.get_token("scope") is not short.get_token("scope")


def test_a_forked_process_uses_the_token_of_its_parent_and_makes_its_own_login_for_others(login):
    kept = identity.KeptTokens()
    known = kept.get_token("scope")
    child = os.fork()
    if child == 0:
        is_same = kept.get_token("scope") is known and len(login.made) == 1
        kept.get_token("other scope")
        os._exit(0 if is_same and len(login.made) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
