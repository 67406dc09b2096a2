"""What stands between us and StackSpot, and speaks in its place: proxies, portals, pages."""

import pytest

from stackspot_cli.errors import CannotConnect, ExitCode
from stackspot_cli.routes.in_between import is_page, not_an_answer, refused_by_proxy

URL = "https://api.example/v3/chat"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", "", "answered with nothing"),
        (b"<html>", "", "a web page"),
        (b"x", "text/html", "a web page"),
        (b"x", "text/plain", "something that is no answer"),
    ],
)
def test_what_a_success_without_an_answer_is_called(body: bytes, kind: str, words: str) -> None:
    error = not_an_answer(body, kind, URL)
    assert words in error.message and error.exit_code is ExitCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"<!DOCTYPE html>", True),
        (b" \n<h1>No</h1>", True),
        (b"Sorry <HTML>", True),
        (b"", False),
        (b'{"a": "<html>"}', False),
        (b'{"details": "no"}', False),
    ],
)
def test_a_page_is_known_by_its_beginning(body: bytes, page: bool) -> None:
    assert is_page(body) is page


@pytest.mark.parametrize(
    ("offered", "ways"),
    [
        ("NTLM", "NTLM"),
        ("Negotiate, NTLM", "Negotiate, NTLM"),
        ('Digest realm="x", nonce="y", qop="auth"', "Digest"),
        ("Kerberos\x1b[2J", "Kerberos␛[2J"),
    ],
)
def test_a_sign_on_that_is_not_spoken_is_told_with_what_helps(offered: str, ways: str) -> None:
    error = refused_by_proxy(407, "407 No", {"proxy-authenticate": offered}, "api.example")
    assert (type(error), error.message, error.hint) == (
        CannotConnect,
        f"the proxy wants a sign-on by {ways} (407), which is not spoken here",
        "only a user name and password (Basic) are; run a local helper that speaks the other, such as cntlm or px, "
        "and set HTTPS_PROXY to its address",
    )


@pytest.mark.parametrize(
    "offered", ["", 'Basic realm="proxy"', 'NTLM, basic realm="a, b"', "Negotiate, Basic", ","]
)
def test_a_password_that_would_do_is_asked_for(offered: str) -> None:
    error = refused_by_proxy(407, "407 No", {"proxy-authenticate": offered}, "api.example")
    assert error.message == "the proxy wants a user name and password (407)"
    assert "USER:PASSWORD" in error.hint and "%40" in error.hint


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        (403, "403 Forbidden", "the proxy forbids api.example (403 Forbidden)"),
        (
            502,
            "502 Bad\x1b[2J",
            "the proxy did not let the connection to api.example through: 502 Bad␛[2J",
        ),
        (0, "what?", "the proxy did not let the connection to api.example through: what?"),
    ],
)
def test_what_else_a_proxy_refuses(status: int, said: str, message: str) -> None:
    error = refused_by_proxy(status, said, {}, "api.example")
    assert (error.message, error.exit_code, error.status) == (message, ExitCode.UNAVAILABLE, status or None)
