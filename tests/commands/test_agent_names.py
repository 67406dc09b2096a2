"""`-m agent:NAME`, and what a 404 says."""

from __future__ import annotations

import pytest
from credential_world import World

REVIEWER = "01K45T82PF8QC64C9DNHGQWHY2"


@pytest.fixture
def known(here: World) -> World:
    assert here.log_in().code == 0
    return here


def test_an_agent_is_asked_by_its_name_and_its_conversation_goes_on(known: World) -> None:
    assert "agent `Reviewer`" in known.run("complete", "-m", "agent:Reviewer", "Say hi").out
    asked = len(known.service.requests)
    assert "conversation turn 2" in known.run("complete", "-c", "Say hi").out
    assert len(known.service.requests) == asked + 1
    assert "agent `Reviewer`" in known.run("chat", "-m", "agent:reviewer", stdin="Say hi\n").out


def test_a_dry_run_asks_nobody_for_the_name(known: World) -> None:
    result = known.run("complete", "--dry-run", "-m", "agent:Reviewer", "hi")
    assert result.code == 2 and "not known yet which agent is called 'Reviewer'" in result.err
    assert "/v4/agents" not in "".join(request.path for request in known.service.requests)
    known.run("complete", "-m", "agent:Reviewer", "hi")
    assert (
        f"/v1/agent/{REVIEWER}/chat" in known.run("complete", "--dry-run", "-m", "agent:Reviewer", "hi").out
    )


def test_the_usual_model_may_be_an_agent_s_name_and_a_wrong_one_says_where_it_stands(known: World) -> None:
    env = {"STACKSPOTAI_MODEL": "agent:Reviewer"}
    assert "agent `Reviewer`" in known.run("complete", "Say hi", env=env).out
    result = known.run("complete", "hi", env={"STACKSPOTAI_MODEL": "agent:Nobody"})
    assert result.code == 2
    assert "there is no agent called 'Nobody' (environment STACKSPOTAI_MODEL)" in result.err


def test_a_bare_name_is_told_how_an_agent_is_named(known: World) -> None:
    assert "an agent by its name: agent:Reviewer" in known.run("complete", "-m", "Reviewer", "hi").err


@pytest.mark.parametrize(
    ("argv", "error", "hint"),
    [
        (
            ("run", "--execution", "01K45T82PF8QC64C9DNHGQWHY9"),
            "there is no execution '01K45T82PF8QC64C9DNHGQWHY9' (404): ",
            "check its id, and that it was started as this account",
        ),
        (
            ("knowledge", "show", "zzz"),
            "there is no knowledge source 'zzz' (404): ",
            "`stackspot knowledge list` shows the slugs of those that this credential may see",
        ),
    ],
)
def test_a_404_says_what_is_not_there(known: World, argv: tuple[str, ...], error: str, hint: str) -> None:
    result = known.run(*argv)
    first, last = result.err.splitlines()[0], result.err.splitlines()[-1]
    assert (result.code, first.startswith(f"error: {error}"), last) == (8, True, f"hint: {hint}")
    assert "URL" not in result.err
    assert "URL/" in known.run("-v", *argv).err


def test_the_command_and_the_printed_configuration_take_an_agents_name_too(known: World) -> None:
    set_ = known.run("config", "set", "default_model", "agent:Reviewer")
    assert (set_.code, set_.err) == (0, "")
    printed = known.run("serve", "--print-config", "llm")
    assert printed.code == 0 and f"agent:{REVIEWER}" in printed.out


def test_an_alias_may_stand_for_an_agents_name(known: World) -> None:
    assert known.run("config", "set", "providers.stackspot.aliases.rev", "agent:Reviewer").code == 0
    assert "agent `Reviewer`" in known.run("complete", "-m", "rev", "Say hi").out
