"""Where an address came from that leads nowhere is told with the failure; not where it is not to blame."""

from pathlib import Path

import pytest

from stackspot_cli.errors import (
    BadRequest,
    CannotConnect,
    CertificateRejected,
    CredentialsRefused,
    NotAnAnswer,
    NotFound,
    RateLimited,
    ServerFailed,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.settings.settings import Overrides, Settings, load

CONFIG = """\
providers:
  stackspot:
    api_base: https://api.acme.example
    endpoint_url: https://acme.example/stackspot
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


def settings(home: Path, *, sandbox: str | None = None, **environ: str) -> Settings:
    return load(
        Overrides(endpoint_url=sandbox),
        {"STACKSPOTAI_HOME": str(home), **{f"STACKSPOTAI_{name}": value for name, value in environ.items()}},
        note=print,
    )


def hint(found: Settings, url: str, failure: StackSpotError | None = None) -> str:
    if failure is None:
        failure = CannotConnect(f"cannot connect to {url.split('/')[2]}: nobody listens there", "look")
    found.explain_failure(failure, url)
    return failure.hint


def test_of_the_environment_its_variable_is_told(home: Path) -> None:
    found = settings(home, IDM_BASE="https://idm.example", ENDPOINT_URL="https://all.example")
    of_idm = "look; the address comes from the environment: correct STACKSPOTAI_IDM_BASE, or unset it"
    of_all = "look; the address comes from the environment: correct STACKSPOTAI_ENDPOINT_URL, or unset it"
    assert hint(found, "https://idm.example/x/oidc/oauth/token") == of_idm
    assert hint(found, "https://all.example/v3/chat") == of_all


def test_of_the_config_file_its_line_is_told(home: Path) -> None:
    found = settings(home)
    place = f"look; the address comes from {home}/config.yaml, line"
    assert (
        hint(found, "https://api.acme.example/v3/chat") == f"{place} 3: `stackspot config edit` corrects it"
    )
    assert (
        hint(found, "https://acme.example/stackspot/v1") == f"{place} 4: `stackspot config edit` corrects it"
    )


def test_the_usual_addresses_and_the_sandbox_are_above_suspicion(home: Path) -> None:
    assert hint(settings(home, sandbox="http://127.0.0.1:1"), "http://127.0.0.1:1/v3/chat") == "look"
    (home / "config.yaml").unlink()
    usual = settings(home)
    assert hint(usual, usual.api_base.value + "/v3/chat") == "look"
    assert hint(usual, "https://elsewhere.example/upload") == "look"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (CannotConnect("cannot connect to all.example: nobody listens there"), True),
        (CannotConnect("cannot connect to the proxy http://p: nobody listens there"), False),
        (CertificateRejected("the certificate of all.example is not trusted"), True),
        (NotAnAnswer("all.example sent a page"), True),
        (TimedOut("connecting to all.example took too long"), True),
        (Unavailable("what all.example sent is not HTTP"), True),
        (NotFound("StackSpot knows nothing at https://all.example/v3/chat (404)"), True),
        (NotFound("there is no quick command 'x' (404)"), False),
        (CredentialsRefused("the token service knows no realm acme (404)", status=404), True),
        (CredentialsRefused("the token service refused the credentials (401)", status=401), False),
        (ServerFailed("all.example is not well (503)"), False),
        (RateLimited("all.example: too many (429)"), False),
        (BadRequest("all.example did not take it (400)"), False),
    ],
    ids=lambda one: one.message if isinstance(one, StackSpotError) else "",
)
def test_only_a_failure_that_a_wrong_address_can_be_behind_is_told_of_it(
    home: Path, failure: StackSpotError, told: bool
) -> None:
    found = settings(home, ENDPOINT_URL="https://all.example")
    assert ("ENDPOINT_URL" in hint(found, "https://all.example/v3/chat", failure)) is told
