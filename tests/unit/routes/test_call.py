"""What a route wants sent: a value, the same bytes on each attempt."""

from stackspot_cli.routes.call import Call


def test_the_target_is_the_path_with_its_query_escaped() -> None:
    assert Call("GET", "api", "/v1/x").target == "/v1/x"
    assert Call("GET", "api", "/v1/x", query=(("a", "b&c"), ("d", "é"))).target == "/v1/x?a=b%26c&d=%C3%A9"


def test_a_body_is_compact_json_in_utf_8() -> None:
    assert Call("POST", "api", "/", {"é": [1, None]}).content() == '{"é":[1,null]}'.encode()
    assert Call("POST", "api", "/", "").content() == b'""'
    assert Call("GET", "api", "/").content() == b""


def test_half_a_surrogate_pair_can_be_sent() -> None:
    assert Call("POST", "api", "/", "a\ud83d").content() == b'"a?"'


def test_what_can_be_dispensed_with_is_left_out() -> None:
    call = Call("POST", "api", "/", {"a": 1, "b": 2, "c": 3}, dispensable=("b", "c"))
    assert call.spared() == Call("POST", "api", "/", {"a": 1})
    plain = call.spared()
    assert plain.spared() is plain
