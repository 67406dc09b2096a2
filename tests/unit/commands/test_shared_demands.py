"""What is asked of an answer besides: told before anything is sent, held against it when it is whole."""

from pathlib import Path

import pytest

from stackspot_cli.commands.shared_demands import check_schema, demands, is_file_name, schema_asked
from stackspot_cli.conversation.answer import Answer
from stackspot_cli.domain import Delta
from stackspot_cli.errors import UsageError


def no_file(path: Path) -> str:
    raise AssertionError(f"{path} is no file")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("form.json", True),
        ("forms/form", True),
        ("/abs/form.json", True),
        ("approved bool", False),
        ("approved", False),
        ('{"type": "a/b"}', False),
        (' {"$ref": "x.json', False),
        ("when: date/time\nname", False),
    ],
)
def test_a_path_is_told_from_a_schema(given: str, expected: bool) -> None:
    assert is_file_name(given) is expected


def test_a_schema_comes_from_where_it_was_given() -> None:
    assert schema_asked(None, None, no_file) is None
    one = schema_asked("ok bool", None, no_file)
    many = schema_asked(None, "ok bool", no_file)
    read = schema_asked("f.json", None, lambda _path: '{"type": "null"}')
    made = schema_asked({"type": "string"}, None, no_file)
    assert one is not None
    assert many is not None
    assert read is not None
    assert made is not None
    assert many.whole == {"type": "array", "items": one.whole}
    assert (read.whole, made.whole) == ({"type": "null"}, {"type": "string"})


@pytest.mark.parametrize("options", [{"one": "a", "many": "b"}, {"one": "a"}, {"many": "a"}])
def test_options_that_exclude_one_another_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        check_schema(
            one=options.get("one"), many=options.get("many"), extract="one" not in options or len(options) < 2
        )


def test_each_pattern_is_a_demand_of_its_own() -> None:
    answer = Answer()
    answer.add(Delta("Fine.\nNot approved."))
    made = demands(["^Not", "never"], ["Fine", "^approved"])
    assert [demand(answer) is None for demand in made] == [False, True, True, False]
    assert demands([], []) == ()
