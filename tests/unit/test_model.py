"""A model is a name for a route, and has what its route has."""

from stackspot_cli.model import SERVICES, Model, Route

PLAIN = Route("chat", "chat", "model", "api", tunable=True)
REFERRED = Route("agent", "agent", "agent", "inference", "agent", "ulid", streams=False)


def test_a_target_is_named_by_its_routes_word_or_by_its_name_alone() -> None:
    assert (REFERRED.form, REFERRED.refer("X"), REFERRED.refer("")) == ("agent:ULID", "agent:X", "agent:")
    assert PLAIN.refer("stackspot-ai") == "stackspot-ai"


def test_a_model_streams_and_is_tunable_as_its_route_is() -> None:
    one, other = Model("a", PLAIN, "a"), Model("b", REFERRED, "X")
    assert (one.streaming, one.tunable) == (True, True)
    assert (other.streaming, other.tunable) == (False, False)


def test_the_services_are_five() -> None:
    assert SERVICES == ("idm", "api", "inference", "data", "tools")
