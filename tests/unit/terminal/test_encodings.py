"""Bytes to text."""

import pytest

from stackspot_cli.errors import UsageError
from stackspot_cli.terminal.encodings import checked, decode, guessed

OLA = "olá\r\n"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_which_and_is_not_part_of_the_text(mark: str) -> None:
    assert decode(OLA.encode(mark), "x") == OLA


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (b"\xff\xfea", None, "x is not UTF-16 text (byte 2)"),
        (b"ab\0c", None, "x is not text (a NUL byte at 2)"),
        (b"ol\xe1", None, "x is not UTF-8 text (byte 2)"),
        (b"\x81", "cp1252", "x is not Windows-1252 text (byte 0)"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data: bytes, encoding: str | None, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        decode(data, "x", encoding)
    assert refused.value.message == message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("data", "locale", "text", "encoding"),
    [
        (OLA.encode(), "utf-8", OLA, None),
        (OLA.encode("latin-1"), "utf-8", OLA, "Latin-1"),
        ("“olá”".encode("cp1252"), "utf-8", "“olá”", "Windows-1252"),
        ("привет".encode("koi8-r"), "koi8-r", "привет", "KOI8-R"),
        (OLA.encode("latin-1"), "ascii", OLA, "Latin-1"),
    ],
)
def test_a_guess_is_the_locale_s_else_windows_or_latin_1(
    data: bytes, locale: str, text: str, encoding: str | None
) -> None:
    assert guessed(data, "x", locale) == (text, encoding)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\xff\x00", b"\xe1\x01", b"\x81\x8d", b"\xff\xfea"])
def test_what_is_text_in_none_is_not_guessed(data: bytes) -> None:
    with pytest.raises(UsageError):
        guessed(data, "x", "utf-8")


@pytest.mark.parametrize(("name", "known"), [(None, None), ("LATIN1", "iso8859-1"), ("cp1252", "cp1252")])
def test_an_encoding_is_known_by_any_of_its_names(name: str | None, known: str | None) -> None:
    assert checked(name) == known


@pytest.mark.parametrize("name", ["latin-0", "", "rot13", "base64", "a\0b", "\udce1"])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="there is no encoding"):
        checked(name)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"ol\xe1", "--encoding latin-1; or convert it: iconv -f LATIN1"),
        (b"ol\xe1 \x93x\x94", "--encoding windows-1252; or convert it: iconv -f CP1252"),
    ],
)
def test_the_hint_names_the_encoding_that_it_can_be(data: bytes, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        decode(data, "x")
    assert hint in caught.value.hint
