"""What a manual page says beside the facts: words on safety. The text's marks are those of `roff`."""

from __future__ import annotations

SECURITY = (
    "The client key comes from the environment, a prompt that does not echo, stdin, the keyring or a file; never"
    " from an option, where every process on the machine could read it. It is never printed or logged, and neither"
    " is a token: `--debug` and `--dry-run` show dots.",
    "Files that the program makes are readable by their owner alone (0600, in folders of 0700), whatever the umask;"
    " the file of `-o` follows the umask. Nothing is created by reading, by `--help` or by a usage error.",
    "Only https is spoken, except to loopback. Redirects are not followed. The system's certificate store is"
    " trusted, and `SSL_CERT_FILE`; there is no switch that turns verification off.",
    "Control characters and bidirectional marks in answers, errors and listings are shown on a terminal, not"
    " obeyed; in a pipe control characters are shown too, unless `--raw`.",
)

CREDENTIALS = (
    "Credentials are looked for in this order: the environment, the system's keyring, the private file of"
    " `login --insecure-storage`, the config file. With an explicit `--profile` that profile's own stored"
    " credentials come first, and a profile without credentials fails rather than fall through."
)

DESCRIPTION = (
    "`stackspot` talks to StackSpot AI: chat models, agents, remote quick commands and knowledge sources. The answer"
    " goes to stdout and nothing else does; notes, progress and errors go to stderr. An error is a sentence that"
    " says what happened and a hint that can be followed, and the exit code tells a script which kind it was.",
    "Settings are taken from options first, then the environment, then the profile in the config file, then the"
    " defaults; `stackspot config show` prints each with where it came from. Options before the command are common"
    " to all commands.",
)

ACCESSIBILITY = (
    "With `--format text` an answer is plain text in reading order: no redrawing, no spinner, no colours; it is what"
    " a pipe gets, and what suits a screen reader. Nothing is told by colour alone: errors, notes and hints begin"
    " with the word. `--no-color` or `NO_COLOR` removes colours everywhere.",
)
