import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import CannotConnect, UsageError
from stackspot_cli.network.proxies import Proxy, bypassed, choose


@pytest.mark.parametrize(
    ("environ", "scheme", "proxy"),
    [
        ({}, "https", None),
        ({"HTTPS_PROXY": "http://p:8080"}, "https", Proxy("http://p:8080", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://p:8080"}, "http", None),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "https", Proxy("http://low:1", "https_proxy")),
        ({"ALL_PROXY": "p:3128"}, "http", Proxy("http://p:3128", "ALL_PROXY")),
        ({"ALL_PROXY": "http://all:1", "HTTP_PROXY": "http://own:1"}, "http", Proxy("http://own:1", "HTTP_PROXY")),
        ({"HTTPS_PROXY": " HTTP://p:8080/ "}, "https", Proxy("http://p:8080", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "http://p:1"}, "https", Proxy("http://p:1", "ALL_PROXY")),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "stackspot.com"}, "https", None),
    ],
)  # fmt: skip
def test_which_proxy_a_request_goes_through(
    environ: dict[str, str], scheme: str, proxy: Proxy | None
) -> None:
    assert choose(scheme, "idm.stackspot.com", 443, environ) == proxy


def test_a_password_is_part_of_the_address_and_of_no_word_about_it() -> None:
    proxy = choose("https", "h", 443, {"HTTPS_PROXY": "http://user:pass@p:8080"})
    assert proxy is not None and proxy.url == "http://user:pass@p:8080"
    assert (proxy.shown, "pass" in repr(proxy)) == ("http://p:8080", False)


@pytest.mark.parametrize(
    "value", ["ftp://p", "http://", "http://p:port", "http://p:0", "http://p q", "http://[::1"]
)
def test_what_is_no_address_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(UsageError) as refusal:
        choose("http", "h", 80, {"HTTP_PROXY": f"{value}?secret"})
    assert refusal.value.message == "HTTP_PROXY does not hold the address of a proxy"


def test_socks_is_not_spoken() -> None:
    with pytest.raises(CannotConnect):
        choose("http", "h", 80, {"ALL_PROXY": "socks5h://p:1080"})


@pytest.mark.parametrize(
    ("entry", "host", "port", "straight"),
    [
        ("*", "anything", 80, True),
        ("example.com", "example.com", 443, True),
        ("example.com", "api.example.com", 443, True),
        (".example.com", "api.example.com", 443, True),
        ("*.example.com", "api.example.com", 443, True),
        ("example.com", "notexample.com", 443, False),
        ("EXAMPLE.com.", "example.COM", 443, True),
        ("example.com:443", "example.com", 443, True),
        ("example.com:80", "example.com", 443, False),
        ("https://example.com", "example.com", 443, True),
        ("a, ,b", "b", 80, True),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.1.2.3", 80, False),
        ("10.0.0.0/8", "ten.example", 80, False),
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1:81", "127.0.0.1", 80, False),
        ("::1", "[::1]", 80, True),
        ("[::1]", "::1", 80, True),
        ("[::1]:80", "::1", 80, True),
        ("[::1]:81", "::1", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("[fd00::]/8", "fd12::1", 80, True),
        ("fd00::/8", "10.0.0.1", 80, False),
        ("", "example.com", 80, False),
        ("/", "example.com", 80, False),
    ],
)
def test_who_is_reached_without_a_proxy(entry: str, host: str, port: int, straight: bool) -> None:
    assert bypassed(host, port, {"NO_PROXY": entry}) is straight


@given(st.text(max_size=30))
def test_no_value_of_no_proxy_is_a_bug(entry: str) -> None:
    bypassed("api.example.com", 443, {"no_proxy": entry})


@given(st.text(max_size=30))
def test_every_value_of_a_proxy_variable_is_an_address_or_a_sentence(value: str) -> None:
    try:
        choose("https", "h", 443, {"HTTPS_PROXY": value})
    except (UsageError, CannotConnect) as refusal:
        assert "HTTPS_PROXY" in refusal.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_this_machine_is_not_asked_for_through_another_one(host: str) -> None:
    far, near = {"http_proxy": "http://proxy.example:8080"}, {"http_proxy": "http://127.0.0.1:8080"}
    assert choose("http", host, 80, far) is None
    assert choose("http", host, 80, near) == Proxy("http://127.0.0.1:8080", "http_proxy")
