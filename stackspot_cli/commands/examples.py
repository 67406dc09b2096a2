"""What is typed, command by command: the examples of the help pages and of the manual.

Knows words alone; refuses to know options: a test reads each line as the program would. Loaded for a help page only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from stackspot_cli.translation import _

Example: TypeAlias = tuple[str, str]  # what it is for, and what is typed


def of(command: str) -> list[Example]:
    """command: its words, such as `history list`; "" is the program. Those of a group are its commands'."""
    own = [*EXAMPLES.get(command, ())]
    below = (found for name, found in EXAMPLES.items() if name.startswith(f"{command} "))
    return own or [example for found in below for example in found]


EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "": (
        (
            _("Without an account, on an emulated StackSpot:"),
            'stackspot --sandbox complete "Write a factorial function in Python"',
        ),
        (_("Find out what is wrong:"), "stackspot status"),
        (
            _("In a script, where an exit code decides:"),
            'git diff | stackspot complete "What breaks?" || exit $?',
        ),
    ),
    "complete": (
        (_("A file on stdin:"), "cat file.py | stackspot complete -m stackspot-ai-code"),
        (_("The prompt first, stdin after it as context:"), 'git diff | stackspot complete "What breaks?"'),
        (_("Several files:"), "stackspot complete -f src/a.py -f 'tests/*.py' \"Find the bug\""),
        (
            _("Only the code of the answer, into a file:"),
            'stackspot complete -x -o fact.py "A factorial in Python"',
        ),
        (
            _("An OpenAI object for a script:"),
            "stackspot complete --format json \"Say hi\" | jq -r '.choices[0].message.content'",
        ),
        (_("Go on with the last conversation:"), 'stackspot complete -c "And for negative numbers?"'),
        (_("Ask an agent:"), 'stackspot complete -m agent:reviewer "Review this"'),
        (
            _("A verdict that a script can trust:"),
            "stackspot complete --schema 'approved bool, why' \"May it be merged?\" < change.diff | jq -e .approved",
        ),
        (_("A prompt from a file:"), "git diff --staged | stackspot complete -T commit"),
        (_("See what would be sent:"), 'stackspot complete --dry-run "Say hi"'),
    ),
    "models": (
        (_("All of them:"), "stackspot models"),
        (_("The limits of one:"), "stackspot models stackspot-ai-code"),
        (_("Names alone:"), "stackspot models --format json | jq -r '.[].name'"),
    ),
    "chat": (
        (_("Talk:"), "stackspot chat"),
        (_("Go on where you stopped:"), "stackspot chat -c"),
        (_("Each line is a turn:"), "printf 'first question\\nsecond question\\n' | stackspot chat"),
    ),
    "history list": ((_("The newest conversations:"), "stackspot history list --limit 5"),),
    "history show": (
        (_("The last one, as it stood on the screen:"), "stackspot history show"),
        (_("One by the beginning of its id, as it was sent:"), "stackspot history show 01K4 --format text"),
    ),
    "history search": ((_("Find one by its words:"), "stackspot history search factorial"),),
    "history path": ((_("How large it is:"), 'du -h "$(stackspot history path)"'),),
    "history export": (
        (_("Keep everything as Markdown:"), "stackspot history export --all -o history.md"),
        (_("For a script:"), "stackspot history export --format json | jq -r '.[0].turns[-1].answer'"),
    ),
    "history delete": ((_("Delete one for good:"), "stackspot history delete 01K4"),),
    "login": (
        (_("Answer three questions:"), "stackspot login"),
        (_("In a script:"), "stackspot login --client-id ID --realm acme --key-stdin < key.txt"),
        (_("On a machine without a keyring:"), "stackspot login --insecure-storage"),
    ),
    "logout": (
        (_("The profile in use:"), "stackspot logout"),
        (_("Every profile, and every token:"), "stackspot logout --all"),
    ),
    "status": (
        (_("Where everything comes from, and what the service says:"), "stackspot status"),
        (_("Without the network:"), "stackspot status --offline"),
        (_("In a script, 0 when a token can be had:"), "stackspot status --format json > status.json"),
    ),
    "config show": ((_("Every value, and where it came from:"), "stackspot config show"),),
    "config get": ((_("A value that applies, for a script:"), "stackspot config get timeout"),),
    "config set": (
        (_("Your account:"), "stackspot config set providers.stackspot.client_realm acme"),
        (
            _("The model of every call that names none:"),
            "stackspot config set default_model stackspot-ai-code",
        ),
    ),
    "config unset": ((_("Back to the default:"), "stackspot config unset default_model"),),
    "config path": ((_("See the file itself:"), 'cat "$(stackspot config path)"'),),
    "config edit": ((_("By hand, and checked:"), "stackspot config edit"),),
    "config import": (
        (_("Take over the integration's file:"), "stackspot config import .aider.litellm.yml"),
    ),
    "prompts list": ((_("What there is, and where it comes from:"), "stackspot prompts list"),),
    "prompts show": ((_("What one says:"), "stackspot prompts show review"),),
    "prompts new": ((_("Begin one in this repository:"), "stackspot prompts new release-notes"),),
    "prompts edit": ((_("Make one that ships with the program your own:"), "stackspot prompts edit review"),),
    "prompts path": ((_("Where they are looked for, the first first:"), "stackspot prompts path"),),
    "run": (
        (_("Run a quick command on a file and wait:"), "stackspot run translate-to-spanish -f README.md"),
        (_("Structured input:"), "stackspot run review --json-input @input.json --format json"),
        (
            _("Start now, look later:"),
            'id=$(stackspot run review -f app.py --no-wait)\nstackspot run --execution "$id"',
        ),
    ),
    "batch": (
        (_("A prompt a line, an answer a line:"), "stackspot batch in.jsonl -o out.jsonl"),
        (_("Go on after whatever ended it:"), "stackspot batch in.jsonl -o out.jsonl --resume"),
        (
            _("Fill a template from a table of parameters, eight at once:"),
            "stackspot batch rows.jsonl -T greet -o out.jsonl --jobs 8",
        ),
        (_("The answers alone:"), "jq -r 'select(.ok) | .answer' out.jsonl"),
        (
            _("Stay within the account's quota:"),
            "stackspot config set providers.stackspot.quota.per_minute 20",
        ),
    ),
    "agents": (
        (_("Those that the account lists:"), "stackspot agents"),
        (
            _("Ask one of them, by its name:"),
            'stackspot complete -m agent:reviewer "Review this" < change.diff',
        ),
    ),
    "knowledge list": ((_("What there is:"), "stackspot knowledge list"),),
    "knowledge show": ((_("What is in one:"), "stackspot knowledge show house-rules"),),
    "knowledge create": ((_("A new one:"), 'stackspot knowledge create house-rules --name "House rules"'),),
    "knowledge add": (
        (_("Fill one with files:"), "stackspot knowledge add house-rules rules.md 'docs/*.md'"),
    ),
    "knowledge clear": (
        (_("Empty one without being asked:"), "stackspot knowledge clear house-rules --yes"),
    ),
    "review": (
        (_("What you have done since the upstream branch, committed or not:"), "stackspot review"),
        (_("What you are about to commit:"), "stackspot review --staged"),
        (_("A branch, by your own rules:"), "stackspot review --base main --rules REVIEW.md"),
        (_("Files as they are:"), "stackspot review src/auth.py src/tokens"),
        (
            _("In a pipeline, with reports for who reads them:"),
            "stackspot review -o sarif=review.sarif -o junit=review.xml",
        ),
    ),
    "sandbox": (
        (_("A shell that speaks to it, until exit:"), "stackspot sandbox -- bash"),
        (_("A test suite, or a script of yours:"), "stackspot sandbox -- pytest -q"),
        (
            _("Told what to answer, by rules in a file:"),
            "printf '%s\\n' '- {when: merge, answer: \"approved\"}' > answers.yaml\n"
            "stackspot sandbox --answers answers.yaml -- ./review.sh",
        ),
        (_("For other shells; paste what it prints into them:"), "stackspot sandbox"),
        (_("A bad day, twice, then a good one:"), "stackspot sandbox --fault rate-limit --times 2"),
    ),
    "serve": (
        (_("For Aider, llm and every other OpenAI client on this machine:"), "stackspot serve --port 8765"),
        (_("Without an account:"), "stackspot --sandbox serve"),
    ),
}
