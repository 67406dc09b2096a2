"""A prompt's file to a `Template`: Markdown with a YAML head, or GitHub Models' `.prompt.yml`.

Pure but for the YAML reader. Refuses to know where the file was found. Raises ConfigError with line and column.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from stackspot_cli.domain import Message, Role
from stackspot_cli.errors import ConfigError
from stackspot_cli.prompts.template import Template
from stackspot_cli.settings import config_file
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.translation import _

GITHUB = (".prompt.yml", ".prompt.yaml")
KEYS = [
    "description",
    "model",
    "system",
    "temperature",
    "max_tokens",
    "params",
    "schema",
    "fail_if",
    "fail_unless",
    "files",
    "upload",
]
# What GitHub's file may hold that is for others: its tests, and settings that StackSpot has no place for.
_GITHUB_KEYS = [
    "name",
    "description",
    "model",
    "modelParameters",
    "messages",
    "testData",
    "evaluators",
    "responseFormat",
    "jsonSchema",
]
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}

T = TypeVar("T")


def is_github(path: Path) -> bool:
    return path.name.endswith(GITHUB)


def name_of(path: Path) -> str:
    for ending in (*GITHUB, ".md"):
        if path.name.endswith(ending):
            return path.name.removesuffix(ending)
    return path.name


def read(text: str, path: Path) -> Template:
    """Raises ConfigError."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        return _github(text, path) if is_github(path) else _markdown(text, path)
    except ConfigError as error:
        error.hint = _("open it with `stackspot prompts edit {name}`").format(name=shlex.quote(str(path)))
        raise


# --- Markdown ----------------------------------------------------------------------------------------


def _markdown(text: str, path: Path) -> Template:
    head, body = split(text)
    parsed = config_file.parse(f"\n{head}", path) if head is not None else ConfigFile(path)
    if not body.strip():
        raise parsed.error(Node(None, text.count("\n") + 1), _("the prompt has no text"))
    found = _Head(parsed)
    return Template(
        name_of(path),
        path,
        (Message("user", body.strip("\n")),),
        description=found.text("description") or "",
        model=found.text("model"),
        system=found.text("system"),
        temperature=found.number("temperature"),
        max_tokens=found.whole("max_tokens"),
        params=found.params(),
        schema=found.schema("schema"),
        fail_if=found.texts("fail_if"),
        fail_unless=found.texts("fail_unless"),
        files=found.texts("files"),
        upload=found.texts("upload"),
        unknown_keys=tuple(key for key, _node in parsed.root.items() if key not in KEYS),
    )


def split(text: str) -> tuple[str | None, str]:
    """The head between two lines of `---`, and the body. Without a head, or one that never ends: all is body."""
    if not text.startswith("---\n"):
        return None, text
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    return None, text


class _Head:
    """The values of a head, each of the kind that it must have. Raises ConfigError."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file

    def _value(self, key: str, wanted: str, read: Callable[[Node], T | None]) -> T | None:
        node = self._file.root.at(key)
        if node is None or node.value is None:
            return None
        value = read(node)
        if value is None:
            raise self._file.error(node, _("`{key}` must be {kind}").format(key=key, kind=wanted))
        return value

    def text(self, key: str) -> str | None:
        return self._value(key, _("text"), _text)

    def number(self, key: str) -> float | None:
        return self._value(key, _("a number"), lambda node: _float(node.value))

    def whole(self, key: str) -> int | None:
        return self._value(
            key,
            _("a whole number"),
            lambda node: (
                node.value if isinstance(node.value, int) and not isinstance(node.value, bool) else None
            ),
        )

    def texts(self, key: str) -> tuple[str, ...]:
        def read(node: Node) -> tuple[str, ...] | None:
            if isinstance(node.value, tuple):
                texts = [_text(one) for one in node.value]
                return None if None in texts else tuple(text for text in texts if text is not None)
            one = _text(node)
            return None if one is None else (one,)

        return self._value(key, _("text, or a list of texts"), read) or ()

    def schema(self, key: str) -> Any:
        def read(node: Node) -> Any:
            return node.plain() if isinstance(node.value, Mapping) else _text(node)

        return self._value(key, _("a JSON Schema, its short form, or a file's name"), read)

    def params(self) -> dict[str, str | None]:
        """Name to default; a list of names, or null, for those that have to be given."""

        def read(node: Node) -> dict[str, str | None] | None:
            if isinstance(node.value, tuple):
                names = [_text(one) for one in node.value]
                return None if None in names else {name: None for name in names if name is not None}
            if not isinstance(node.value, Mapping):
                return None
            defaults = {name: (one.value is None, _text(one)) for name, one in node.items()}
            if any(text is None and not is_null for is_null, text in defaults.values()):
                return None
            return {name: None if is_null else text for name, (is_null, text) in defaults.items()}

        return self._value("params", _("names with their defaults"), read) or {}


def _text(node: Node) -> str | None:
    """A scalar as text; None for anything else."""
    match node.value:
        case str():
            return node.value
        case bool():
            return "true" if node.value else "false"
        case int() | float():
            return str(node.value)
    return None


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


# --- GitHub Models -----------------------------------------------------------------------------------


def _github(text: str, path: Path) -> Template:
    """`messages` with roles, `model`, `modelParameters` (docs.github.com, "Storing prompts in GitHub repositories")."""
    file = config_file.parse(text, path)
    messages = _messages(file)
    parameters = _Head(ConfigFile(path, file.root.at("modelParameters") or Node({})))
    head = _Head(file)
    schema = head.schema("jsonSchema")
    return Template(
        name_of(path),
        path,
        tuple(message for message in messages if message.role != "system"),
        description=head.text("description") or head.text("name") or "",
        model=head.text("model"),
        system="\n\n".join(message.text for message in messages if message.role == "system") or None,
        temperature=parameters.number("temperature"),
        max_tokens=parameters.whole("max_tokens") or parameters.whole("maxTokens"),
        schema=_github_schema(schema),
        unknown_keys=tuple(key for key, _node in file.root.items() if key not in _GITHUB_KEYS),
        foreign=True,
    )


def _messages(file: ConfigFile) -> list[Message]:
    node = file.root.at("messages")
    entries = node.value if node is not None and isinstance(node.value, tuple) else ()
    messages = []
    for entry in entries:
        role, content = entry.at("role"), entry.at("content")
        name = _text(role) if role is not None else None
        text = _text(content) if content is not None else None
        if name not in _ROLES or text is None:
            raise file.error(entry, _("a message has a `role` (system, user, assistant) and a `content`"))
        messages.append(Message(_ROLES[name], text.rstrip("\n")))
    if not any(message.role == "user" and message.text.strip() for message in messages):
        raise file.error(node or file.root, _("the prompt has no text"))
    return messages


def _github_schema(schema: Any) -> Any:
    """GitHub keeps OpenAI's wrapping, as text: `{"name": …, "strict": true, "schema": {…}}`."""
    if not isinstance(schema, str):
        inner = schema
    else:
        import json

        try:
            inner = json.loads(schema)
        except ValueError:
            return schema  # told where schemas are read
    if isinstance(inner, dict) and isinstance(inner.get("schema"), dict):
        return inner["schema"]
    return inner
