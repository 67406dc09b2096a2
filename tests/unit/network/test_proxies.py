import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import CannotConnect, UsageError
from stackspot_cli.network.proxies import Proxy, bypassed, choose, sparing


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
        ("localhost 127.0.0.1", "127.0.0.1", 80, True),
        ("localhost\t127.0.0.1,x", "localhost", 80, True),
        ("https://example.com/", "example.com", 443, True),
        ("example.com/", "api.example.com", 443, True),
        ("http://example.com:80/", "example.com", 443, False),
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


ENTRIES = st.text(max_size=30) | st.text("0123456789abcdef.:/*[] ,", max_size=30)


@given(ENTRIES)
def test_no_proxy_either_names_a_host_or_does_not_and_the_rest_of_the_list_still_counts(entry: str) -> None:
    alone = bypassed("api.example.com", 443, {"no_proxy": entry})
    assert alone in (True, False)
    assert bypassed("api.example.com", 443, {"no_proxy": f"{entry},other.example"}) is alone
    assert bypassed("api.example.com", 443, {"no_proxy": f"{entry},example.com"})


@given(ENTRIES | ENTRIES.map("http://{}".format) | ENTRIES.map("socks{}".format))
def test_every_value_of_a_proxy_variable_is_an_address_nothing_or_a_sentence_that_keeps_it(
    value: str,
) -> None:
    try:
        proxy = choose("https", "h", 443, {"HTTPS_PROXY": value})
    except (UsageError, CannotConnect) as refusal:
        assert refusal.message in (
            "HTTPS_PROXY does not hold the address of a proxy",
            "HTTPS_PROXY names a SOCKS proxy, and only HTTP proxies are spoken",
        )
        return
    if not value.strip():
        assert proxy is None
    else:
        assert proxy is not None and proxy.origin == "HTTPS_PROXY" and proxy.host
        assert proxy.url.startswith(("http://", "https://")) and not proxy.url.endswith("/")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_this_machine_is_not_asked_for_through_another_one(host: str) -> None:
    far, near = {"http_proxy": "http://proxy.example:8080"}, {"http_proxy": "http://127.0.0.1:8080"}
    assert choose("http", host, 80, far) is None
    assert choose("http", host, 80, near) == Proxy("http://127.0.0.1:8080", "http_proxy")
    assert choose("http", host, 80, {"all_proxy": "socks5://proxy.example:1080"}) is None


@pytest.mark.parametrize(
    ("url", "port", "secure"),
    [
        ("http://p:80", 80, False),
        ("http://p:443", 443, False),
        ("http://p", 80, False),
        ("https://p:443", 443, True),
        ("https://p", 443, True),
        ("https://user:80@p:8080", 8080, True),
    ],
)
def test_the_port_is_the_one_that_is_written_and_the_schemes_own_where_there_is_none(
    url: str, port: int, secure: bool
) -> None:
    proxy = Proxy(url, "https_proxy")
    assert (proxy.port, proxy.is_secure) == (port, secure)


@pytest.mark.parametrize(
    ("environ", "spared"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, None),
        ({"HTTP_PROXY": "http://p:1"}, ("NO_PROXY", "127.0.0.1")),
        ({"ALL_PROXY": "socks5://p:1", "NO_PROXY": "a.example"}, ("NO_PROXY", "a.example,127.0.0.1")),
        ({"http_proxy": "junk://", "no_proxy": "a", "NO_PROXY": "b"}, ("no_proxy", "a,127.0.0.1")),
        ({"http_proxy": "http://p:1", "NO_PROXY": "127.0.0.0/8"}, None),
    ],
)
def test_what_spares_an_address_every_proxy(environ: dict[str, str], spared: tuple[str, str] | None) -> None:
    assert sparing("http", "127.0.0.1", 8080, environ) == spared
    assert spared is None or sparing("http", "127.0.0.1", 8080, {**environ, spared[0]: spared[1]}) is None
