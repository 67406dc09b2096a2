"""Certificates over real sockets: which are trusted, and what is said of the others."""

import datetime
import os
import threading
from pathlib import Path

import pytest
import trustme
from fault_server import PAGE, FaultServer, Until, reply
from program import Program
from tls_world import OK, failed, hashed_names, serving

# --- certificates ---------------------------------------------------------------------------------------------


def test_a_certificate_that_ssl_cert_file_vouches_for_is_trusted(
    program: Program, secure: FaultServer, trusted: str
) -> None:
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_FILE": trusted}
    assert program.ask(env=env).told == OK


def test_so_is_one_that_a_folder_vouches_for(
    program: Program, secure: FaultServer, trusted: str, tmp_path: Path
) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    (name,) = hashed_names(trusted)
    (folder / name).write_bytes(Path(trusted).read_bytes())
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_DIR": os.fspath(folder)}
    assert program.ask(env=env).told == OK


def test_an_unknown_authority_is_refused_at_once_with_what_to_set(
    program: Program, secure: FaultServer
) -> None:
    error, hint = failed(program, {"STACKSPOTAI_ENDPOINT_URL": secure.url})
    assert secure.netloc in error and "not trusted" in error and "SSL_CERT_FILE" in hint
    assert (secure.connections, secure.requests) == (1, [])


def test_a_certificate_for_another_name_is_refused(
    program: Program, authority: trustme.CA, trusted: str
) -> None:
    with serving(authority.issue_cert("elsewhere.example")) as server:
        error, _hint = failed(program, {"STACKSPOTAI_ENDPOINT_URL": server.url, "SSL_CERT_FILE": trusted})
        assert "not trusted" in error and "127.0.0.1" in error
        assert (server.connections, server.requests) == (1, [])


def test_an_expired_certificate_is_refused(program: Program, authority: trustme.CA, trusted: str) -> None:
    yesterday = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    before = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with serving(authority.issue_cert("127.0.0.1", not_before=before, not_after=yesterday)) as server:
        error, _hint = failed(program, {"STACKSPOTAI_ENDPOINT_URL": server.url, "SSL_CERT_FILE": trusted})
        assert "expired" in error
        assert (server.connections, server.requests) == (1, [])


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\x00\xff" * 500])
def test_an_unusable_ssl_cert_file_is_one_sentence(
    program: Program, secure: FaultServer, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "bad.pem"
    if content is not None:
        path.write_bytes(content)
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_FILE": os.fspath(path)}
    error, hint = failed(program, env)
    assert "cannot read the certificates" in error and "SSL_CERT_FILE" in hint


def test_a_missing_ssl_cert_dir_is_one_sentence(program: Program, secure: FaultServer) -> None:
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_DIR": "/nowhere/at/all"}
    error, _hint = failed(program, env)
    assert "SSL_CERT_DIR" in error and "/nowhere/at/all" in error


@pytest.mark.parametrize("folders", ["{there}:{empty}", "{empty}:{there}", "{there}:", "/nowhere:{there}"])
def test_folders_of_certificates_are_a_list(
    program: Program, secure: FaultServer, trusted: str, tmp_path: Path, folders: str
) -> None:
    there, empty = tmp_path / "certificates", tmp_path / "empty"
    there.mkdir()
    empty.mkdir()
    (name,) = hashed_names(trusted)
    (there / name).write_bytes(Path(trusted).read_bytes())
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_DIR": folders.format(there=there, empty=empty)}
    assert program.ask(env=env).told == OK


def test_a_missing_folder_does_not_matter_beside_a_file(
    program: Program, secure: FaultServer, trusted: str
) -> None:
    env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_FILE": trusted, "SSL_CERT_DIR": "/nowhere"}
    assert program.ask(env=env).told == OK


def test_a_name_in_the_subject_alone_vouches_for_nothing(
    program: Program, authority: trustme.CA, trusted: str
) -> None:
    with serving(authority.issue_cert(common_name="localhost")) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        error, _hint = failed(program, {"STACKSPOTAI_ENDPOINT_URL": url, "SSL_CERT_FILE": trusted})
        assert "not trusted" in error and server.requests == []


def test_certificates_do_not_matter_to_plain_loopback(program: Program) -> None:
    assert program.ask(env={"SSL_CERT_FILE": "/nowhere.pem"}).told == OK


def test_something_that_speaks_no_tls_is_told(program: Program) -> None:
    url = program.server.url.replace("http:", "https:")
    program.server.greet(*[reply(400, PAGE)] * 9)
    error, _hint = failed(program, {"STACKSPOTAI_ENDPOINT_URL": url})
    assert "no secure connection" in error


def test_a_handshake_that_hangs_ends_in_time(program: Program) -> None:
    url = program.server.url.replace("http:", "https:")
    go = threading.Event()
    program.server.greet(*[Until(go)] * 9)
    outcome = program.ask("--timeout", "0.2", env={"STACKSPOTAI_ENDPOINT_URL": url})
    go.set()
    assert outcome.code == 6 and "took too long" in outcome.err
