"""What stands between our streams and a build log."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.terminal.build_log import LogCommandGuard, in_ci

BIDIRECTIONAL = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# Characters, not scalar values: JSON brings lone surrogates.
def sliced(text: str, cuts: list[int]) -> list[str]:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def guarded(pieces: list[str], longest_held: int = 4096) -> str:
    guard = LogCommandGuard(longest_held)
    return "".join([guard.feed(piece) for piece in pieces]) + guard.finish()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::boom\n", ":\\:error::boom\n"),
        ("::set-output name=a::b", ":\\:set-output name=a::b"),
        (" \t\u00a0\u3000::warning file=x::y\n", " \t\u00a0\u3000:\\:warning file=x::y\n"),
        ("ok\n\n::add-mask::x\nok", "ok\n\n:\\:add-mask::x\nok"),
        ("ok\r::add-mask::x", "ok\r:\\:add-mask::x"),
        ("::::", ":\\:::"),
        ("##vso[task.complete]", "#\\#vso[task.complete]"),
        ("say ##VSO[task.complete]", "say #\\#VSO[task.complete]"),
        ("###vso[x]##vso[y]", "##\\#vso[x]#\\#vso[y]"),
        ("##teamcity[x]", "#\\#teamcity[x]"),
        ("a ##TeamCity[x]", "a #\\#TeamCity[x]"),
        ("##[group]x", "#\\#[group]x"),
        ("::##vso[x]::\n", ":\\:#\\#vso[x]::\n"),
    ],
)
def test_a_line_that_a_build_log_would_obey_is_shown(text: str, shown: str) -> None:
    assert guarded([text]) == shown
    assert guarded(list(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "::before {\n  color: red;\n}\n",
        ":::\n",
        "::\n::\n",
        ":\n:",
        "a ::error::b\n",
        "x\n: a\n:: b : c\n",
        "## Heading\n### [link](x)\n#vso[x]\n##vs o[x]\n## [1.0.0]\n##",
        "##teamcity",
        "##\u017fo[x] ##v\u017fo[x]",
        "std::vector<std::string>\n",
        "\n\n\n",
        "",
    ],
)
def test_every_other_line_passes_as_it_is(text: str) -> None:
    assert guarded([text]) == text
    assert guarded(list(text)) == text


def test_only_what_could_become_a_command_is_held_back() -> None:
    guard = LogCommandGuard()
    steps = [
        ("a", "a"),
        (" #", " "),
        ("# T", "## T"),
        ("\n", "\n"),
        ("  :", "  "),
        (":x", ""),
        ("\n", "::x\n"),
        (":", ""),
        ("b::c", ":b::c"),
        ("\n##te", "\n"),
        ("a", ""),
        ("mwork", "##teamwork"),
        ("#", ""),
    ]
    assert [guard.feed(text) for text, _ in steps] == [out for _, out in steps]
    assert guard.finish() == "#"


@pytest.mark.parametrize("length", [7, 8, 9, 30])
@pytest.mark.parametrize("step", [1, 3, 100])
def test_a_line_held_too_long_is_treated_as_a_command(length: int, step: int) -> None:
    text = "::" + "x" * (length - 2) + "\nnext\n"
    pieces = [text[start : start + step] for start in range(0, len(text), step)]
    assert guarded(pieces, longest_held=8) == (text if length < 8 else ":\\" + text[1:])


log_text = st.lists(
    st.sampled_from(
        [
            "::",
            ":",
            "\n",
            "\r",
            " ",
            "\u3000",
            "#",
            "##",
            "vso[",
            "##vso[",
            "teamcity[",
            "TEAM",
            "city",
            "[",
            "x",
            "error",
            "xxxxx",
        ]
    ),
    max_size=25,
).map("".join)


@given(log_text, st.lists(st.integers(0, 80)), st.sampled_from([8, 4096]))
def test_slicing_a_build_log_changes_nothing(text: str, cuts: list[int], longest: int) -> None:
    assert guarded(sliced(text, cuts), longest) == guarded([text], longest)


def obeyed(text: str) -> bool:
    """What the runners do with a line, as their sources say it."""
    for line in text.replace("\r", "\n").split("\n"):
        trimmed, lower = line.lstrip(), line.lower()
        if trimmed.startswith("::") and trimmed.find("::", 2) >= 0:
            return True
        if any(marker in lower for marker in ("##[", "##vso[", "##teamcity[")):
            return True
    return False


@given(log_text)
def test_no_command_reaches_a_build_log_and_no_other_text_is_altered(text: str) -> None:
    shown = guarded([text])
    assert not obeyed(shown)
    assert shown.replace("\\", "") == text
    if not obeyed(text):
        assert shown == text


@pytest.mark.parametrize(
    ("environ", "yes"),
    [
        ({}, False),
        ({"CI": "true"}, True),
        ({"CI": "1"}, True),
        ({"CI": ""}, False),
        ({"CI": "False"}, False),
        ({"CI": "0"}, False),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"GITLAB_CI": "true"}, True),
        ({"TF_BUILD": "True"}, True),
        ({"TEAMCITY_VERSION": "2024.03"}, True),
        ({"JENKINS_URL": "http://ci.example/"}, True),
        ({"BUILDKITE": "true"}, True),
        ({"CI": "false", "TF_BUILD": "True"}, True),
        ({"CIRCUS": "true"}, False),
    ],
)
def test_a_build_service_is_known_by_its_variable(environ: dict[str, str], yes: bool) -> None:
    assert in_ci(environ) is yes
