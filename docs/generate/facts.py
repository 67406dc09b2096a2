"""What cannot be read off the command tree and is told in more than one place: exit codes, variables, files.

One source for the manual pages and for the tables in README and docs. The text's marks are those of `roff`.
"""

from __future__ import annotations

from dataclasses import dataclass

from stackspot_cli.errors import ExitCode

# name in ExitCode -> (meaning, does trying again help?)
EXIT_MEANINGS: dict[str, tuple[str, str]] = {
    "OK": ("the whole answer was delivered", ""),
    "INTERNAL": ("a bug in this program; it says where to report it", "no"),
    "USAGE": ("bad arguments, bad configuration, no prompt, input too large or not text", "no"),
    "LOCAL": ("what was asked for could not be written: stdout, `-o`, `config set`, `login`", "no"),
    "AUTH": ("no credentials, credentials refused (401), or not permitted (403)", "no"),
    "RATE_LIMITED": (
        "429 after the retries, quota (402) at once, or told to wait longer than is sensible",
        "later",
    ),
    "UNAVAILABLE": (
        "name, connection, TLS, proxy, time-out before any text, or 5xx after the retries",
        "yes",
    ),
    "PARTIAL": (
        "part of the answer was delivered, then it broke off; or some of many have no answer",
        "perhaps",
    ),
    "REFUSED": (
        "a definite no (400, 404, 422, an error in the stream, a failed quick command), or the answer lacks what"
        " was asked for",
        "no",
    ),
    "RUNNING": ("a quick command has not finished within `--wait`", "later"),
    "FINDINGS": ("`review` found something at or above `--fail-on`", "no"),
    "INTERRUPTED": ("Ctrl-C", ""),
    "BROKEN_PIPE": ("the reader of stdout went away; nothing is printed", ""),
    "TERMINATED": ("SIGTERM", ""),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """names: those that mean the same, the one to use first. default: "" where there is none."""

    names: tuple[str, ...]
    meaning: str
    default: str = ""


VARIABLES: tuple[Variable, ...] = (
    Variable(("STACKSPOTAI_CLIENT_ID",), "the client id"),
    Variable(("STACKSPOTAI_CLIENT_KEY",), "the client key, a secret"),
    Variable(("STACKSPOTAI_REALM",), "the realm: the account's slug", "stackspot"),
    Variable(
        ("STACKSPOT_CLIENT_ID", "STACKSPOT_CLIENT_KEY", "STACKSPOT_CLIENT_SECRET", "STACKSPOT_REALM"),
        "the names that other StackSpot tools use; read where the ones above are unset",
    ),
    Variable(("STACKSPOTAI_PROFILE",), "as `--profile`", "stackspot"),
    Variable(("STACKSPOTAI_CONFIG",), "as `--config`"),
    Variable(("STACKSPOTAI_MODEL",), "as `--model`", "stackspot-ai"),
    Variable(
        ("STACKSPOTAI_HOME",), "one folder for config, data and cache together", "the platform's own three"
    ),
    Variable(("STACKSPOTAI_TIMEOUT",), "as `--timeout`, in seconds", "180"),
    Variable(("STACKSPOTAI_DEADLINE",), "as `--deadline`, in seconds", "none"),
    Variable(("STACKSPOTAI_RETRIES",), "as `--retries`", "2"),
    Variable(
        ("STACKSPOTAI_RETRY_WAIT",), "the base of the delay before a retry, in seconds, which doubles", "0.5"
    ),
    Variable(
        ("STACKSPOTAI_PER_MINUTE", "STACKSPOTAI_PER_DAY"),
        "the quota, in requests, that all processes of the machine share for one credential; `none` is none",
    ),
    Variable(
        ("STACKSPOTAI_MAX_ANSWER_BYTES",),
        "the longest answer taken, in bytes as it comes; a longer one is cut there",
        "67108864 (64 MiB)",
    ),
    Variable(("STACKSPOTAI_HISTORY",), "`off` keeps no history", "on"),
    Variable(
        ("STACKSPOTAI_SEND_SECRETS",),
        "as `--send-secrets`: `on` sends a prompt or file that holds your own key or token",
        "off",
    ),
    Variable(
        ("STACKSPOTAI_SERVE_KEY",),
        "the bearer key that `serve` asks of its clients; needed to listen on anything but loopback",
    ),
    Variable(("STACKSPOTAI_ENDPOINT_URL",), "one address in place of all the service's hosts"),
    Variable(
        (
            "STACKSPOTAI_IDM_BASE",
            "STACKSPOTAI_API_BASE",
            "STACKSPOTAI_INFERENCE_BASE",
            "STACKSPOTAI_DATA_BASE",
            "STACKSPOTAI_TOOLS_BASE",
        ),
        "one service's address each; `stackspot config show` prints those in use",
    ),
    Variable(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"), "proxies, in upper or lower case"),
    Variable(("SSL_CERT_FILE", "SSL_CERT_DIR"), "certificates to trust", "the system's store"),
    Variable(("NO_COLOR",), "any value: no colours"),
    Variable(("COLUMNS", "LINES", "TERM"), "the terminal's size and kind"),
    Variable(("VISUAL", "EDITOR"), "the editor of `config edit` and of `/edit` in a chat"),
    Variable(
        ("PAGER",),
        "what shows `history list`, `search`, `show` and `prompts show` where they are taller than the window;"
        " empty or `cat`: nothing",
        "`less -FRX`, where there is one",
    ),
    Variable(
        ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"), "the language of messages: English or Portuguese (pt)"
    ),
    Variable(
        ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION", "JENKINS_URL"),
        "when one is set, a line of an answer that a build system would obey is shown instead",
    ),
    Variable(
        (
            "GITHUB_BASE_REF",
            "GITHUB_EVENT_PATH",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA",
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
            "SYSTEM_PULLREQUEST_TARGETBRANCH",
            "CHANGE_TARGET",
        ),
        "in a build, the change that `review` looks at without a choice",
    ),
    Variable(("GITHUB_STEP_SUMMARY",), "the page to which `review` adds its report as Markdown"),
    Variable(
        ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"),
        "on Linux, the folders in which ours lie",
        "~/.config, ~/.local/share, ~/.cache",
    ),
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """linux: its place on Linux with no variable set. folder: which of the platform's three it is in."""

    linux: str
    folder: str
    holds: str
    sent: str


FILES: tuple[StoredFile, ...] = (
    StoredFile(
        "~/.config/stackspot/config.yaml",
        "config",
        "profiles, models, defaults; written by `config set`, `config edit`, `config import` alone",
        "never",
    ),
    StoredFile(
        "~/.local/share/stackspot/history.db",
        "data",
        "prompts and answers, unless `--no-history` or `STACKSPOTAI_HISTORY=off`",
        "never; a resumed conversation sends its own earlier turns",
    ),
    StoredFile(
        "~/.local/share/stackspot/reviews/",
        "data",
        "findings of parts that `review` looked at, the lines that they quote among them; not with `--no-history`",
        "never",
    ),
    StoredFile(
        "~/.local/share/stackspot/input-history-…",
        "data",
        "the lines typed into a chat, but those that begin with a space; not with `--no-history`; they go "
        "with what was said",
        "never",
    ),
    StoredFile(
        "~/.cache/stackspot/agents-….json",
        "cache",
        "ids and names of the account's agents, for a day, after `-m agent:NAME`",
        "never",
    ),
    StoredFile(
        "~/.local/share/stackspot/credentials.json",
        "data",
        "client id and key, only after `login --insecure-storage`",
        "to the token service alone",
    ),
    StoredFile(
        "~/.cache/stackspot/tokens/",
        "cache",
        "access tokens, good for about 20 minutes, shared by processes that run together",
        "to the service, as the bearer of each request",
    ),
    StoredFile(
        "~/.cache/stackspot/quota/",
        "cache",
        "when requests of the last minute and day were made, once a quota is set or a 429 was seen",
        "never",
    ),
)

# The folders of the other platforms, as platformdirs gives them.
OTHER_PLATFORMS = (
    "On macOS config and data lie in `~/Library/Application Support/stackspot` and the cache in"
    " `~/Library/Caches/stackspot`; on Windows in `%LOCALAPPDATA%\\stackspot`. `stackspot config path` and"
    " `stackspot history path` print the places in use."
)


def exit_rows() -> list[tuple[int, str, str, str]]:
    """(number, name, meaning, does a retry help?), in the order of the numbers. KeyError: a code without words."""
    return [(int(code), code.name, *EXIT_MEANINGS[code.name]) for code in sorted(ExitCode)]
