"""What a manual page says beside the facts: examples, and words on safety. The text's marks are those of `roff`."""

from __future__ import annotations

# command -> [(what it is for, what is typed)]
EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "": [
        (
            "Without an account, on an emulated StackSpot:",
            'stackspot --sandbox complete "Write a factorial function"',
        ),
        ("Find out what is wrong:", "stackspot status"),
        (
            "In a script, where an exit code decides:",
            'git diff | stackspot complete "What breaks?" || exit $?',
        ),
    ],
    "complete": [
        ("A file on stdin:", "cat file.py | stackspot complete -m stackspot-ai-code"),
        ("The prompt first, stdin after it as context:", 'git diff | stackspot complete "What breaks?"'),
        ("Several files:", "stackspot complete -f src/a.py -f 'tests/*.py' \"Find the bug\""),
        (
            "Only the code of the answer, into a file:",
            'stackspot complete -x -o fact.py "A factorial in Python"',
        ),
        (
            "An OpenAI object for a script:",
            "stackspot complete --format json \"Say hi\" | jq -r '.choices[0].message.content'",
        ),
        ("Go on with the last conversation:", 'stackspot complete -c "And for negative numbers?"'),
        ("Ask an agent:", 'stackspot complete -m agent:01K45T82PF8QC64C9DNHGQWHY2 "Review this"'),
        (
            "A verdict that a script can trust:",
            "stackspot complete --schema 'approved bool, why' \"May it be merged?\" < change.diff | jq -e .approved",
        ),
        ("A prompt from a file:", "git diff --staged | stackspot complete -T commit"),
        ("See what would be sent:", 'stackspot complete --dry-run "Say hi"'),
    ],
    "batch": [
        ("A prompt a line, an answer a line:", "stackspot batch in.jsonl -o out.jsonl"),
        ("Go on after whatever ended it:", "stackspot batch in.jsonl -o out.jsonl --resume"),
        (
            "Fill a template from a table of parameters, eight at once:",
            "stackspot batch rows.jsonl -T greet -o out.jsonl --jobs 8",
        ),
        ("The answers alone:", "jq -r 'select(.ok) | .answer' out.jsonl"),
        ("Stay within the account's quota:", "stackspot config set providers.stackspot.quota.per_minute 20"),
    ],
    "prompts": [
        ("What there is, and where it comes from:", "stackspot prompts list"),
        ("Begin one in this repository:", "stackspot prompts new release-notes"),
        ("Make one that ships with the program your own:", "stackspot prompts edit review"),
    ],
    "models": [
        ("All of them:", "stackspot models"),
        ("The limits of one:", "stackspot models stackspot-ai-code"),
        ("Names alone:", "stackspot models --format json | jq -r '.[].name'"),
    ],
    "history": [
        ("The newest conversations:", "stackspot history list --limit 5"),
        ("Find one by its words:", "stackspot history search factorial"),
        ("Keep everything as Markdown:", "stackspot history export --all -o history.md"),
        ("Delete one for good:", "stackspot history delete 01K4"),
    ],
    "login": [
        ("Answer three questions:", "stackspot login"),
        ("In a script:", "stackspot login --client-id ID --realm acme --key-stdin < key.txt"),
        ("On a machine without a keyring:", "stackspot login --insecure-storage"),
    ],
    "logout": [
        ("The profile in use:", "stackspot logout"),
        ("Every profile, and every token:", "stackspot logout --all"),
    ],
    "status": [
        ("Where everything comes from, and what the service says:", "stackspot status"),
        ("Without the network:", "stackspot status --offline"),
        ("In a script, 0 when a token can be had:", "stackspot status --format json > status.json"),
    ],
    "config": [
        ("Every value, and where it came from:", "stackspot config show"),
        ("Your account:", "stackspot config set providers.stackspot.client_realm acme"),
        ("Take over the integration's file:", "stackspot config import .aider.litellm.yml"),
    ],
    "sandbox": [
        ("A shell that speaks to it, until exit:", "stackspot sandbox -- bash"),
        ("A test suite, or a script of yours:", "stackspot sandbox -- pytest -q"),
        (
            "Told what to answer, by rules in a file:",
            "printf '%s\\n' '- {when: merge, answer: \"approved\"}' > answers.yaml\n"
            "stackspot sandbox --answers answers.yaml -- ./review.sh",
        ),
        ("For other shells; paste what it prints into them:", "stackspot sandbox"),
        ("A bad day, twice, then a good one:", "stackspot sandbox --fault rate-limit --times 2"),
    ],
    "chat": [
        ("Talk:", "stackspot chat"),
        ("Go on where you stopped:", "stackspot chat -c"),
        ("Each line is a turn:", "printf 'first question\\nsecond question\\n' | stackspot chat"),
    ],
    "run": [
        ("Run a quick command on a file and wait:", "stackspot run translate-to-spanish -f README.md"),
        ("Structured input:", "stackspot run review --json-input @input.json --format json"),
        (
            "Start now, look later:",
            'id=$(stackspot run review -f app.py --no-wait)\nstackspot run --execution "$id"',
        ),
    ],
    "review": [
        ("What you have done since the upstream branch, committed or not:", "stackspot review"),
        ("What you are about to commit:", "stackspot review --staged"),
        ("A branch, by your own rules:", "stackspot review --base main --rules REVIEW.md"),
        ("Files as they are:", "stackspot review src/auth.py src/tokens"),
        (
            "In a pipeline, with reports for who reads them:",
            "stackspot review -o sarif=review.sarif -o junit=review.xml",
        ),
    ],
    "agents": [("Those that the account lists:", "stackspot agents")],
    "knowledge": [("What there is:", "stackspot knowledge list")],
    "serve": [
        ("For Aider, llm and every other OpenAI client on this machine:", "stackspot serve --port 8765"),
        ("Without an account:", "stackspot --sandbox serve"),
    ],
}

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
