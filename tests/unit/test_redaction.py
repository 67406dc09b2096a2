import base64
import html
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stackspot_cli.domain import DOTS
from stackspot_cli.redaction import Redactor, is_key_like, redact_headers, redact_url


def test_only_harmless_headers_show_their_value() -> None:
    headers = [
        ("Host", "idm.stackspot.com"),
        ("Authorization", "Bearer eyJ"),
        ("Content-Type", "application/json"),
        ("Cookie", "session=1"),
        ("X-Api-Key", "k"),
        ("Retry-After", "7"),
        ("Proxy-Authorization", "Basic dTpw"),
        ("X-Never-Seen-Before", "who knows"),
        ("Location", "https://login.example/start?state=abc#x"),
        ("Set-Cookie", "a=b"),
        ("set-cookie", "c=d"),
    ]
    assert redact_headers(headers) == [
        ("Host", "idm.stackspot.com"),
        ("Authorization", DOTS),
        ("Content-Type", "application/json"),
        ("Cookie", DOTS),
        ("X-Api-Key", DOTS),
        ("Retry-After", "7"),
        ("Proxy-Authorization", DOTS),
        ("X-Never-Seen-Before", DOTS),
        ("Location", f"https://login.example/start?state={DOTS}#{DOTS}"),
        ("Set-Cookie", DOTS),
        ("set-cookie", DOTS),
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host/v1/a/01K/chat", "https://host/v1/a/01K/chat"),
        ("https://host:8443/a?page=2&size=10", "https://host:8443/a?page=2&size=10"),
        (
            "https://host/a?X-Amz-Signature=s&page=2&lone",
            f"https://host/a?X-Amz-Signature={DOTS}&page=2&{DOTS}",
        ),
        ("https://host/?a=b=c&=x&y=&&", f"https://host/?a={DOTS}&={DOTS}&y=&&"),
        ("https://host/a#access_token=x", f"https://host/a#{DOTS}"),
        ("https://host?next=https://a:b@c/d", f"https://host?next={DOTS}"),
        ("https://host/@me/x", f"https://host/{DOTS}/x"),
        ("http://user:pass@proxy:8080", f"http://{DOTS}@proxy:8080"),
        ("http://user@proxy:8080/", f"http://{DOTS}@proxy:8080/"),
        ("user:pass@proxy:8080", f"{DOTS}@proxy:8080"),
        ("proxy:3128", "proxy:3128"),
        ("http://user:p/a?s#s@proxy:8080/x", f"http://{DOTS}@proxy:8080/x"),
        ("http://user:12/34@proxy", f"http://{DOTS}@proxy"),
        ("http://user:p@ss@proxy", f"http://{DOTS}@proxy"),
        ("socks5://user:pa://ss@proxy:1080", f"socks5://{DOTS}@proxy:1080"),
        ("https://[::1]:8000/x", "https://[::1]:8000/x"),
        ("http://u:p@[::1]:8000/x", f"http://{DOTS}@[::1]:8000/x"),
        ("not a url", "not a url"),
        ("", ""),
    ],
)
def test_an_address_keeps_its_place_and_loses_its_secrets(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_a_redactor_that_was_told_nothing_changes_nothing() -> None:
    redactor = Redactor()
    redactor.learn("")
    redactor.learn("  ")
    assert redactor.mask("") == ""
    assert redactor.mask("a b  c") == "a b  c"


def test_the_words_around_a_secret_stay() -> None:
    redactor = Redactor()
    redactor.learn("s3cr3t+key/=&%")
    redactor.learn("second")
    text = "id=1&client_secret=s3cr3t%2Bkey%2F%3D%26%25&x=2 and second."
    assert redactor.mask(text) == f"id=1&client_secret={DOTS}&x=2 and {DOTS}."


UUID = "4f9d3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6"


@pytest.mark.parametrize(
    ("client_id", "client_key", "is_one"),
    [
        (UUID, "8fK2pQ9xV4mN7tR1W3zL6cB0", False),
        (UUID.replace("-", ""), UUID, False),
        ("8fK2pQ9xV4mN7tR1W3zL6cB0", UUID, True),
        ("8fk2pq9xv4mn7tr1w3zl6cb0", UUID, True),
        ("8fK2pQ9xV4mN7tR1W3zL6cB0", "", False),
        ("8fK2pQ9xV4mN7tR1W3zL6cB0hY5gJ2dS", "", True),
        ("one-and-the-same", "one-and-the-same", True),
        (UUID, UUID, False),
        ("reviewer-of-the-payments-team-of-acme", UUID, False),
        ("my-app", UUID, False),
        ("sandbox-client", "sandbox-key-not-a-secret", False),
    ],
)
def test_what_may_be_a_key_in_the_place_of_an_id(client_id: str, client_key: str, is_one: bool) -> None:
    assert is_key_like(client_id, client_key) == is_one


# --- laws ---------------------------------------------------------------------------------------------

secrets = st.text(st.characters(codec="utf-8", exclude_characters="•"), max_size=30).filter(str.strip)


def spellings(secret: str) -> dict[str, str]:
    return {
        "plain": secret,
        "form": urlencode({"k": secret})[2:],
        "path": quote(secret),
        "lower": quote(secret, safe="").lower() if secret.isascii() and secret == secret.lower() else secret,
        "plus": quote_plus(secret),
        "json": json.dumps(secret)[1:-1],
        "json, unescaped": json.dumps(secret, ensure_ascii=False)[1:-1],
        "repr": repr(secret)[1:-1],
        "bytes": repr(secret.encode())[2:-1],
        "base64": base64.b64encode(secret.encode()).decode(),
        "base32": base64.b32encode(secret.encode()).decode().rstrip("="),
        "hex": secret.encode().hex(),
        "hex, apart": secret.encode().hex(":"),
        "HTML": html.escape(secret),
        "back to front": secret[::-1],
        "percent throughout": "".join(f"%{byte:02X}" for byte in secret.encode()),
        "bytes throughout": "".join(f"\\x{byte:02x}" for byte in secret.encode()),
    }


def spellings_of_ascii(secret: str) -> list[str]:
    """Every character by its number."""
    return ["".join(form.format(ord(c)) for c in secret) for form in ("\\u{:04x}", "&#{};", "&#x{:x};")]


@given(secrets, st.text(max_size=10), st.text(max_size=10))
def test_no_spelling_of_a_secret_gets_through(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn("another one")
    redactor.learn(secret)
    for spelling in spellings(secret).values():
        shown = redactor.mask(f"{before}{spelling}{after}")
        assert secret not in shown
        assert spelling not in shown


@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=8, max_size=40).filter(str.strip)
)
def test_nor_does_one_whose_characters_are_all_numbers(secret: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    for spelling in spellings_of_ascii(secret):
        assert redactor.mask(f"it was {spelling}, was it?") == f"it was {DOTS}, was it?"


@given(
    st.text(st.characters(codec="ascii", exclude_characters="•"), min_size=8, max_size=40),
    st.text(max_size=9),
)
def test_a_secret_inside_a_basic_header_does_not_get_through(secret: str, user: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    header = base64.b64encode(f"{user}:{secret}".encode()).decode()
    shown = redactor.mask(f"Basic {header}")
    assert DOTS in shown
    # A character at either edge mixes bits of the secret with its neighbours': it may stay.
    begins = len(base64.b64encode(f"{user}:".encode()).decode().rstrip("="))
    ends = begins + len(secret) * 8 // 6 - 2
    assert header[begins + 1 : ends] not in shown


@given(secrets, st.sampled_from(["http://user:{}@proxy:8080/x", "user:{}@proxy:8080", "https://{}@proxy/"]))
def test_no_password_gets_through_an_address(secret: str, address: str) -> None:
    assume("user:" in address or not set(secret) & set("/?#\\"))  # else it is no user, but an address
    shown = redact_url(address.format(secret))
    assert shown.replace(DOTS, "") in {address.format("").replace("user:", "")} | {
        address.format("").replace("user:", "").replace("http://", "")
    }


@pytest.mark.parametrize("password", ["se]/cret", "@#", "a@b/c", "@/@", "x?y@z#"])
def test_a_password_that_looks_like_the_end_of_a_host_goes_whole(password: str) -> None:
    assert redact_url(f"http://user:{password}@host/x") == f"http://{DOTS}@host/x"


@given(st.text(max_size=40))
def test_no_address_does_harm_and_a_redacted_one_stays(text: str) -> None:
    assert redact_url(redact_url(text)) == redact_url(text)
    assert redact_url(f"https://host/path?secret={quote(text, safe='')}") in (
        f"https://host/path?secret={DOTS}",
        "https://host/path?secret=",
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it begins 8fK2pQ9xV4mN7tR1: does it?", f"it begins {DOTS}: does it?"),
        ("it ends W3zL6cB0hY5gJ2dS", f"it ends {DOTS}"),
        ("V4mN7tR1W3zL6cB0hY5 of it, and tR1W3zL6cB0hY5gJ", f"{DOTS} of it, and {DOTS}"),
        ("too short to tell: 8fK2pQ9xV4mN7tR", "too short to tell: 8fK2pQ9xV4mN7tR"),
    ],
)
def test_half_of_a_secret_is_masked_too(text: str, shown: str) -> None:
    redactor = Redactor()
    redactor.learn("8fK2pQ9xV4mN7tR1W3zL6cB0hY5gJ2dS")
    assert redactor.mask(text) == shown


@given(st.integers(4, 20))
def test_the_beginning_of_a_secret_that_was_cut_is_masked_too(length: int) -> None:
    redactor = Redactor()
    redactor.learn("s3cret/key+value=and&more")
    assert redactor.mask("the key is " + "s3cret/key+value=and&more"[:length] + "…") == f"the key is {DOTS}…"
