"""Proxies over real sockets: asked, refusing, asking for passwords, blocking."""

import signal
from typing import Any

import pytest
import trustme
from fault_server import END, HOLD, FaultServer, delta, reply, stream
from forward_proxy import ForwardProxy
from program import Program
from tls_world import BANK, BLOCKED, OK, PASSWORD, failed, serving


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_requests_go_through_the_proxy(program: Program, name: str) -> None:
    with ForwardProxy() as proxy:
        assert program.ask(env={name: proxy.url}).told == OK
        assert proxy.seen[0] == f"POST {program.server.url}/acme/oidc/oauth/token HTTP/1.1"


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_tls_goes_through_a_tunnel(program: Program, secure: FaultServer, trusted: str, name: str) -> None:
    with ForwardProxy() as proxy:
        env = {"STACKSPOTAI_ENDPOINT_URL": secure.url, "SSL_CERT_FILE": trusted, name: proxy.url}
        assert program.ask(env=env).told == OK
        assert proxy.seen == [f"CONNECT {secure.netloc} HTTP/1.1"]


def test_a_proxy_without_scheme_is_an_http_proxy(program: Program) -> None:
    with ForwardProxy() as proxy:
        assert program.ask(env={"HTTP_PROXY": proxy.netloc}).told == OK
        assert proxy.seen


@pytest.mark.parametrize("tls", [False, True])
def test_a_password_is_sent_to_the_proxy_and_shown_to_nobody(
    program: Program, secure: FaultServer, trusted: str, tls: bool
) -> None:
    from urllib.parse import quote

    program.secrets.append(PASSWORD)
    with ForwardProxy(password=f"user:{PASSWORD}") as proxy:
        url = f"http://user:{quote(PASSWORD, safe='')}@{proxy.netloc}"
        env = {"HTTP_PROXY": url, "HTTPS_PROXY": url, "SSL_CERT_FILE": trusted}
        env["STACKSPOTAI_ENDPOINT_URL"] = secure.url if tls else program.server.url
        outcome = program.call("--debug", "complete", "hi", env=env)
        assert (outcome.code, outcome.out) == (0, "Hello\n")
        assert len(proxy.seen) == 1 if tls else proxy.seen


@pytest.mark.parametrize("port", [80, 443])
def test_a_proxy_on_its_schemes_own_port_is_reached_there(program: Program, port: int) -> None:
    """Ports that only root may have: an address of this machine's own, and where that is refused, no test."""
    try:
        proxy = ForwardProxy(address=("127.0.0.77", port))
    except OSError:
        pytest.skip(f"port {port} is not to be had")
    with proxy:
        assert program.ask(env={"HTTP_PROXY": f"http://127.0.0.77:{port}"}).told == OK
        assert proxy.seen
        if port == 80:
            assert program.ask(env={"HTTP_PROXY": "http://127.0.0.77"}).told == OK


def test_a_host_that_only_the_proxy_knows_is_reached_by_its_certificate(
    program: Program, authority: trustme.CA, trusted: str
) -> None:
    with (
        serving(authority.issue_cert("stackspot.test")) as server,
        ForwardProxy(names={"stackspot.test": "127.0.0.1"}) as proxy,
    ):
        url = f"https://stackspot.test:{server.port}"
        env = {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": trusted, "STACKSPOTAI_ENDPOINT_URL": url}
        assert program.ask(env=env).told == OK
        assert proxy.seen == [f"CONNECT stackspot.test:{server.port} HTTP/1.1"]


@pytest.mark.parametrize(
    ("refused", "error", "hint"),
    [
        (
            {"refuse": "407 Proxy Authentication Required"},
            "the proxy wants a user name and password (407)",
            "set HTTPS_PROXY like http://USER:PASSWORD@proxy:8080, special characters URL-encoded",
        ),
        (
            {"refuse": "407 No", "headers": {"Proxy-Authenticate": "NTLM"}},
            "the proxy wants a sign-on by NTLM (407), which is not spoken here",
            "only a user name and password (Basic) are; run a local helper that speaks the other, such as cntlm",
        ),
        (
            {"refuse": "407 No", "headers": {"Proxy-Authenticate": "Negotiate, Kerberos"}, "body": BLOCKED},
            "the proxy wants a sign-on by Negotiate, Kerberos (407), which is not spoken here",
            "only a user name and password (Basic) are; run a local helper that speaks the other, such as cntlm",
        ),
        (
            {"refuse": "403 Forbidden", "body": BLOCKED},
            "the proxy forbids stackspot.test (403 Forbidden)",
            "ask whoever runs the proxy to allow the hosts that `stackspot config show` lists",
        ),
    ],
)
def test_each_refusal_of_a_proxy_has_its_own_sentence_and_is_asked_once(
    program: Program, refused: dict[str, Any], error: str, hint: str
) -> None:
    with ForwardProxy(**refused) as proxy:
        told = failed(program, {"HTTPS_PROXY": proxy.url, "STACKSPOTAI_ENDPOINT_URL": BANK})
        assert told[0] == f"error: {error}" and told[1].startswith(f"hint: {hint}")
        assert proxy.seen == ["CONNECT stackspot.test:443 HTTP/1.1"]


@pytest.mark.parametrize("where", ["token", "api"])
def test_a_blocking_page_is_nobodys_whom_the_credentials_concern(program: Program, where: str) -> None:
    (program.server.token if where == "token" else program.server.api)(reply(403, BLOCKED))
    outcome = program.ask()
    assert outcome.code == 4 and "HTML page" in outcome.err
    assert "a proxy's or a firewall's" in outcome.err and "login" not in outcome.err


@pytest.mark.parametrize("tls", [False, True])
def test_a_proxy_that_wants_a_password_is_told_at_once(
    program: Program, secure: FaultServer, tls: bool
) -> None:
    program.secrets.append(PASSWORD)
    url = secure.url if tls else program.server.url
    with ForwardProxy(password="user:right") as proxy:
        address = f"http://user:wrong-{PASSWORD.replace('@', '%40').replace('/', '%2F')}@{proxy.netloc}"
        env = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "STACKSPOTAI_ENDPOINT_URL": url}
        error, hint = failed(program, env)
        assert "407" in error and "USER:PASSWORD" in hint
        assert len(proxy.seen) == 1


def test_a_proxy_that_is_down_is_exit_6(program: Program) -> None:
    with ForwardProxy() as proxy:
        address = proxy.url
    program.secrets.append(PASSWORD)
    for url in (program.server.url, program.server.url.replace("http:", "https:")):
        env = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "STACKSPOTAI_ENDPOINT_URL": url}
        error, hint = failed(program, env)
        assert f"cannot connect to the proxy {address} (HTTP" in error and "proxy" in hint


@pytest.mark.parametrize("answer", ["403 Forbidden", "502 Bad Gateway", "503 Busy"])
def test_a_proxy_that_refuses_a_tunnel_is_exit_6_with_its_words(program: Program, answer: str) -> None:
    with ForwardProxy(refuse=answer) as proxy:
        env = {"HTTPS_PROXY": proxy.url, "STACKSPOTAI_ENDPOINT_URL": "https://stackspot.invalid"}
        error, _hint = failed(program, env)
        assert answer in error and "proxy" in error
        assert len(proxy.seen) == (1 if answer.startswith("4") else 3)


@pytest.mark.parametrize("value", ["ftp://proxy:1", "http://", "://", "http://proxy host:8", "http://p\tq:8"])
def test_a_proxy_that_is_no_address_is_a_usage_error_that_names_the_variable(
    program: Program, value: str
) -> None:
    outcome = program.ask(env={"HTTP_PROXY": value})
    assert outcome.code == 2 and "HTTP_PROXY" in outcome.err and program.server.requests == []


@pytest.mark.parametrize("value", ["http://proxy:99999", "http://proxy:port", "http://[::1", "http://a..b:1"])
def test_an_address_that_cannot_be_used_is_one_sentence(program: Program, value: str) -> None:
    outcome = program.ask(env={"HTTPS_PROXY": value, "STACKSPOTAI_ENDPOINT_URL": "https://stackspot.invalid"})
    assert outcome.code in (2, 6) and "HTTPS_PROXY" in outcome.err and outcome.err.startswith("error: ")


def test_this_machine_is_not_asked_for_through_a_proxy_elsewhere(program: Program) -> None:
    program.server.api(stream(delta("Hello"), END))
    assert program.ask(env={"HTTP_PROXY": "http://proxy.invalid:8080"}).told == (0, "Hello\n", "")


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1", "socks5h://127.0.0.1:1"])
def test_a_socks_proxy_is_refused_in_a_sentence(program: Program, value: str) -> None:
    error, hint = failed(program, {"ALL_PROXY": value})
    assert "ALL_PROXY" in error and "SOCKS" in error and "HTTPS_PROXY" in hint


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "127.0.0.1",
        "127.0.0.0/8",
        "localhost,127.0.0.1",
        " 127.0.0.1 ",
        "localhost 127.0.0.1",
        "http://127.0.0.1/",
        "[::1],fd00::/8,127.0.0.1",
        "[::1],127.0.0.1:{port}",
        "::1,fe80::%eth0/10,.internal,127.0.0.1",
    ],
)
def test_no_proxy_goes_straight_there(program: Program, entry: str) -> None:
    with ForwardProxy() as proxy:
        env = {"HTTP_PROXY": proxy.url, "NO_PROXY": entry.format(port=program.server.port)}
        assert program.ask(env=env).told == OK
        assert proxy.seen == []


@pytest.mark.parametrize(
    "entry", ["", "example.com", "10.0.0.0/8", "[::1]", "127.0.0.1:1", "fd00::/8", "/", "[", ","]
)
def test_no_proxy_for_others_changes_nothing(program: Program, entry: str) -> None:
    with ForwardProxy() as proxy:
        assert program.ask(env={"HTTP_PROXY": proxy.url, "NO_PROXY": entry}).told == OK
        assert proxy.seen


def test_no_proxy_knows_ipv6_loopback(program: Program) -> None:
    try:
        six = FaultServer(host="::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with six, ForwardProxy() as proxy:
        env = {"STACKSPOTAI_ENDPOINT_URL": six.url, "HTTP_PROXY": proxy.url, "NO_PROXY": "[::1]"}
        assert program.ask(env=env).told == OK
        assert proxy.seen == []


def test_what_the_sandbox_says_to_a_shell_keeps_it_from_the_proxy(program: Program) -> None:
    with ForwardProxy(refuse="403 Forbidden", body=BLOCKED) as proxy:
        env = {"HTTP_PROXY": proxy.url, "NO_PROXY": "intranet.example"}
        server = program.start("sandbox", env=env)
        assert server.stdout is not None
        lines = [server.stdout.readline().decode() for _line in range(5)]
        pasted = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
        assert pasted["NO_PROXY"] == "intranet.example,127.0.0.1"
        outcome = program.call("complete", "--no-stdin", "Say hi", env={**env, **pasted})
        server.send_signal(signal.SIGINT)
        assert (outcome.code, proxy.seen, program.finish(server).code) == (0, [], 0)


def test_the_sandbox_needs_no_proxy(program: Program) -> None:
    with ForwardProxy() as proxy:
        outcome = program.call("--sandbox", "complete", "hi", env={"HTTP_PROXY": proxy.url})
        assert outcome.code == 0 and proxy.seen == []


def test_a_silent_proxy_ends_in_time(program: Program) -> None:
    program.server.api(HOLD)
    program.server.token(HOLD)
    env = {"HTTPS_PROXY": program.server.url, "STACKSPOTAI_ENDPOINT_URL": "https://stackspot.invalid"}
    outcome = program.ask("--timeout", "0.2", "--retries", "0", env=env)
    assert outcome.code == 6 and "silent" in outcome.err
