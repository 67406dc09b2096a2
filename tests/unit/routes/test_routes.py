"""The table of routes: what every row promises, its module keeps."""

import pytest

from stackspot_cli import routes
from stackspot_cli.domain import AgentOptions, Prompt
from stackspot_cli.model import Model, Route
from stackspot_cli.routes import ROUTES

BY_NAME = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def test_no_two_rows_share_a_name_a_reference_or_a_key() -> None:
    for column in ("name", "module", "reference", "config_key"):
        values = [getattr(route, column) for route in ROUTES]
        assert sorted(set(values)) == sorted(values), column


def test_the_first_row_is_of_models_that_are_named_by_their_name_and_the_others_are_not() -> None:
    assert [bool(route.reference and route.noun) for route in ROUTES] == [False, True, True]


@BY_NAME
def test_a_route_is_found_by_its_name(route: Route) -> None:
    assert routes.named(route.name) is route


@BY_NAME
def test_a_module_asks_the_service_that_its_row_names(route: Route) -> None:
    call = routes.module(route).request(Model("m", route, "T"), Prompt("Hi", "C"), "1.0")
    assert (call.method, call.service) == ("POST", route.service)


@BY_NAME
def test_a_module_reads_what_comes_unless_its_row_has_it_followed(route: Route) -> None:
    assert hasattr(routes.module(route), "reader") is not route.followed


@BY_NAME
def test_a_row_takes_what_an_agents_options_have(route: Route) -> None:
    assert set(route.takes) <= set(AgentOptions.__slots__)
