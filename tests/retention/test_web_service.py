"""The connector that asks a service over HTTP: where it may call, whom it believes, what it never tells."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from governance.lib.connectors import SystemAway
from governance.lib.refusals import Refused
from governance.retention.connectors.webservice import HttpConnector, filled
from governance.retention.connectors.wire import HttpFault, Wire
from tests.retention import service
from tests.retention.at_hand import ASHA, Case, scope
from tests.retention.service import OPTIONS, SERVICE_MAP, Service


@pytest.fixture
def case(web_service: Service, monkeypatch: pytest.MonkeyPatch) -> Case:
    return service.case(web_service, monkeypatch)


def connector(**options: Any) -> HttpConnector:
    return HttpConnector({**OPTIONS, **options}, SERVICE_MAP)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(case: Case, web_service: Service, status: int) -> None:
    web_service.answer_with = [(status, {"Location": f"http://127.0.0.1:{web_service.port}/elsewhere"})]
    with pytest.raises(HttpFault, match="redirect"):
        case.connector.count(case.scope, "traces")
    assert len(web_service.asked) == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9/", "host not allowed"), ("https://10.1.2.3/", "address not allowed"), ("https://169.254.169.254/", "address not allowed"),
        ("https://[::ffff:10.0.0.1]/", "address not allowed"), ("https://[fd00::1]/", "address not allowed"), ("https://0.0.0.0/", "address not allowed"),
        ("http://192.0.2.1/", "not allowed"), ("http://8.8.8.8/", "plain http not allowed"), ("ftp://8.8.8.8/", "not plain"),
        ("https://me:secret@8.8.8.8/", "not plain"),
    ],
)  # fmt: skip
def test_it_calls_nowhere_that_was_not_allowed(monkeypatch: pytest.MonkeyPatch, url: str, why: str) -> None:
    monkeypatch.setenv("SERVICE_URL", url)
    hosts = ["10.1.2.3", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1", "0.0.0.0", "192.0.2.1", "8.8.8.8"]
    with pytest.raises(HttpFault, match=why):
        Wire({"url_env": "SERVICE_URL", "allow": hosts}, "bearer_env")


def test_a_busy_service_is_asked_again(case: Case, web_service: Service) -> None:
    web_service.answer_with = [(503, {"Retry-After": "0"}), (429, {"Retry-After": "0"})]
    assert case.connector.count(case.scope, "traces") == 3
    assert len(web_service.asked) == 3


@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_service_that_refuses_or_stays_busy_is_away(case: Case, web_service: Service, status: int) -> None:
    web_service.answer_with = [(status, {"Retry-After": "0"})] * 3
    with pytest.raises(SystemAway):
        case.connector.count(case.scope, "traces")


def test_an_unexpected_answer_is_a_fault_that_says_nothing_of_her(case: Case, web_service: Service) -> None:
    web_service.answer_with = [(418, {})]
    with pytest.raises(HttpFault) as teapot:
        case.connector.count(case.scope, "traces")
    assert str(teapot.value) == "status 418"
    web_service.answer_with = [(200, {})]
    with pytest.raises(HttpFault, match="not as the map says"):
        case.connector.count(case.scope, "traces")


def test_each_request_can_come_twice(case: Case, web_service: Service) -> None:
    case.connector.erase(case.scope, "traces")
    web_service.traces["N-1001"] = [datetime.now(UTC) - timedelta(hours=1)]
    case.connector.erase(case.scope, "traces")
    sent = [headers["Idempotency-Key"] for method, _path, headers in web_service.asked if method == "DELETE"]
    assert len(sent) == 2 and len(set(sent)) == 1 and "N-1001" not in sent[0]


def test_the_reading_login_reads_and_the_other_erases(case: Case, web_service: Service) -> None:
    case.connector.erase(case.scope, "traces")
    web_service.asked.clear()
    case.connector.residue(case.scope)
    assert {headers["Authorization"] for _m, _p, headers in web_service.asked} == {"Bearer reader"}
    assert ("POST", "/search") in {(method, path) for method, path, _headers in web_service.asked}


def test_a_job_that_never_ends_is_waited_for_only_so_long(case: Case, web_service: Service) -> None:
    step = SERVICE_MAP["steps"][0]
    slow = {**SERVICE_MAP, "steps": [{**step, "wait": {**step["wait"], "is": "never", "seconds": 0.6}}]}
    web_service.lies = True
    begin = time.monotonic()
    assert HttpConnector(OPTIONS, slow).erase(case.scope, "traces").count == 0
    assert time.monotonic() - begin < 5
    assert case.connector.residue(case.scope).count == 6


def test_a_value_cannot_leave_its_place_in_the_path() -> None:
    asked = scope(identifiers={"number": "../admin?x=1#&/ü\r\nX: y", "email": "a@b.example"})
    path = filled("/people/{number}/traces?mail={email}", asked)
    assert path.startswith("/people/..%2Fadmin%3Fx%3D1%23%26%2F%C3%BC%0D%0AX%3A%20y/traces?mail=a%40b")
    assert filled("/people/{name}", asked) is None
    assert filled({"who": ["{number}"]}, scope(), quoted=False) == {"who": [ASHA["number"]]}


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.2"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    hidden = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "host.pem"
    path.write_bytes(hidden + made.public_bytes(serialization.Encoding.PEM))
    yield path


def test_the_host_has_to_show_its_certificate(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with service.serving(context) as there:
        case = service.case(there, monkeypatch)
        monkeypatch.setenv("SERVICE_URL", f"https://localhost:{there.port}")
        assert connector(ca_file=str(certificate)).count(case.scope, "traces") == 3
        with pytest.raises(SystemAway):
            connector().count(case.scope, "traces")
        monkeypatch.setenv(
            "SERVICE_URL", f"https://127.0.0.1:{there.port}"
        )  # not the name in the certificate
        with pytest.raises(SystemAway):
            connector(ca_file=str(certificate)).count(case.scope, "traces")


STEP = SERVICE_MAP["steps"][0]


@pytest.mark.parametrize(
    "data_map",
    [
        {}, {"steps": [STEP]}, {**SERVICE_MAP, "steps": [STEP, STEP]}, {**SERVICE_MAP, "more": 1},
        {**SERVICE_MAP, "steps": [{**STEP, "erase": {**STEP["erase"], "method": "TRACE"}}]},
        {**SERVICE_MAP, "read_back": [{"path": "//evil.example/x", "items": "/a"}]},
        {**SERVICE_MAP, "read_back": [{"path": "https://evil.example/x", "items": "/a"}]},
        {**SERVICE_MAP, "read_back": [{"path": "/x?shoe={shoe}", "items": "/a"}]},
    ],
)  # fmt: skip
def test_a_map_that_cannot_be_followed_is_refused(data_map: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        HttpConnector.check_map(data_map)
    HttpConnector.check_map(SERVICE_MAP)
