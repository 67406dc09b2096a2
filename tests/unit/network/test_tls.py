"""Whom a certificate is believed, by the variables that OpenSSL has for it."""

import os
import ssl
from pathlib import Path

import pytest
import trustme

from stackspot_cli.network.failures import certificates
from stackspot_cli.network.tls import CertificatesUnreadable, tls_context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def file(tmp_path: Path, authority: trustme.CA) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.mark.parametrize(
    ("variable", "named"), [("SSL_CERT_FILE", "{nowhere}"), ("SSL_CERT_DIR", "{nowhere}:")]
)
def test_what_cannot_be_read_is_told_with_the_variable_and_what_it_names(
    tmp_path: Path, variable: str, named: str
) -> None:
    named = named.format(nowhere=tmp_path / "nowhere")
    with pytest.raises(CertificatesUnreadable) as caught:
        tls_context({variable: named})
    assert (caught.value.variable, caught.value.named) == (variable, named)
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize("content", ["", "no PEM"])
def test_a_file_that_holds_no_certificate_cannot_be_used(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.pem"
    path.write_text(content)
    with pytest.raises(CertificatesUnreadable):
        tls_context({"SSL_CERT_FILE": str(path)})


def test_a_pipe_in_place_of_the_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))  # OpenSSL looks there by itself
    with pytest.raises(CertificatesUnreadable):
        tls_context(os.environ)


@pytest.mark.parametrize(
    ("variable", "why"), [("SSL_CERT_FILE", "it is no file"), ("SSL_CERT_DIR", "there is no such folder")]
)
def test_what_is_of_another_kind_is_told(tmp_path: Path, variable: str, why: str) -> None:
    (tmp_path / "file").touch()
    named = tmp_path if variable == "SSL_CERT_FILE" else tmp_path / "file"
    with pytest.raises(CertificatesUnreadable) as caught:
        tls_context({variable: str(named)})
    assert certificates(caught.value).message.endswith(f": {why}")


def test_a_context_always_verifies_the_name_where_a_name_belongs_and_speaks_http_1_1(
    tmp_path: Path, file: str
) -> None:
    for environ in ({}, {"SSL_CERT_FILE": file, "SSL_CERT_DIR": str(tmp_path)}):
        context = tls_context(environ)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.hostname_checks_common_name is False


@pytest.mark.parametrize(
    "folders", ["{there}:{nowhere}", "{nowhere}:{there}", "{there}:", ":{there}", "{there}"]
)
def test_folders_are_a_list_and_a_missing_one_is_passed_over(tmp_path: Path, folders: str) -> None:
    named = folders.format(there=tmp_path, nowhere=tmp_path / "nowhere").replace(":", os.pathsep)
    assert tls_context({"SSL_CERT_DIR": named}).verify_mode is ssl.CERT_REQUIRED


def test_a_missing_folder_matters_to_nobody_who_names_a_file(tmp_path: Path, file: str) -> None:
    environ = {"SSL_CERT_DIR": str(tmp_path / "nowhere"), "SSL_CERT_FILE": file}
    assert tls_context(environ).verify_mode is ssl.CERT_REQUIRED
