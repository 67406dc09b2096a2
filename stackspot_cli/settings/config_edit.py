"""Changes to the config file that leave every other character as it was: comments, order, quoting, spacing.

Knows where each value's text begins and ends, and replaces, adds or removes just that; then reads the result
back and compares: if anything but the change is different (an alias, whose text serves others too), nothing
is written. Refuses to know which keys mean something (`config_keys` does).
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackspot_cli.errors import ConfigError
from stackspot_cli.files import private_files
from stackspot_cli.files.folder_locks import alone_in
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.settings import config_file, config_keys
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.translation import _

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class Change:
    """One key's new text; None removes the key. typed: written bare, as a number or a switch is."""

    keys: tuple[str, ...]
    text: str | None
    typed: bool = False


def apply(path: Path, changes: Sequence[Change]) -> ConfigFile:
    """Makes the changes in the file, all or none, and gives the file as it then is. What other processes change
    meanwhile stays.

    A file that is not there is begun. Errors: ConfigError where the file cannot be read or is written in a
    way that this cannot change; LocalError where it cannot be written.
    """
    config_file.refuse_doubtful(path)
    folder = Path(os.path.realpath(path)).parent  # of a link's file: that is what changes
    if not folder.exists():
        private_files.make_folder(folder)
    with alone_in(folder):
        before = config_file.read_text(path, required=False) or ""
        after = before
        for change in changes:
            after = edited(after, change, path)
        config = config_file.parse(after, path)
        if after != before:
            save(path, after)
    return config


def save(path: Path, text: str) -> None:
    """Writes the whole file. One that exists keeps its mode and its byte order mark, a new one is 0600.

    Errors: LocalError.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        with path.open("rb") as file:
            mark = file.read(len(codecs.BOM_UTF8))
    except OSError:
        mode, mark = 0o600, b""
    private_files.write(path, (mark if mark == codecs.BOM_UTF8 else b"") + text.encode(), mode=mode)


def edited(text: str, change: Change, path: Path) -> str:
    """The text with one change made. Errors: ConfigError."""
    intended = _with(_plain(config_file.parse(text, path).root), change)
    import yaml  # deferred: as in config_file

    root = yaml.compose(text, Loader=yaml.SafeLoader)  # Python's loader: its marks count characters
    if change.text is None:
        result = _without(text, root, change.keys)
    else:
        result = _Insertion(text, change).into(root)
    try:
        done = result is not None and _plain(config_file.parse(result, path).root) == intended
    except ConfigError:
        done = False
    if result is None or not done:
        raise ConfigError(
            _(
                "cannot change {key} in {path}: it is written in a way that only a person should change"
            ).format(key=config_keys.join(change.keys), path=path),
            config_file.opening(path),
        )
    return result


class _Insertion:
    """Puts one key's new text where it belongs. Gives None where it cannot tell where that is."""

    def __init__(self, text: str, change: Change) -> None:
        assert change.text is not None
        self.text = text
        self.change = change
        self.value = change.text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.step = "  "

    def into(self, root: yaml.Node | None) -> str | None:
        import yaml

        self.step = self.indentation(root) or self.step
        if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
            return _line_end(self.text, self.newline) + self.block(self.change.keys, "")
        node, rest = root, self.change.keys
        key: yaml.Node | None = None
        while rest and isinstance(node, yaml.MappingNode):
            pair = next((one for one in node.value if one[0].value == rest[0]), None)
            if pair is None:
                return self.beside(node, rest)
            key, node = pair
            rest = rest[1:]
        if not rest:
            return self.instead(node) if isinstance(node, yaml.ScalarNode) else None
        return self.below(key, node, rest) if key and isinstance(node, yaml.ScalarNode) else None

    def instead(self, node: yaml.ScalarNode) -> str:
        start, end = _start(node), _end(node)
        gap = " " if start and self.text[start - 1] == ":" else ""  # `key:` without a value
        if node.style in ("|", ">"):
            return self.text[:start] + self.scalar(None) + self.after_block(start, end)
        return self.text[:start] + gap + self.scalar(node.style) + self.text[end:]

    def after_block(self, start: int, end: int) -> str:
        """What stays of a block scalar: the comment in its first line, and from its last line's end on."""
        block = self.text[start:end]
        comment = re.match(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?", block)
        last = re.search(r"[ \t]*(?:\r?\n[ \t]*)*\Z", block)
        assert comment and last
        blank = re.sub(r"\A[ \t]+", "", last[0])
        return (comment[1] or "") + blank + self.text[end:]

    def beside(self, mapping: yaml.MappingNode, keys: tuple[str, ...]) -> str:
        """A further pair at the mapping's end."""
        if mapping.flow_style:
            if not mapping.value:
                end = _end(mapping) - 1
                return self.text[:end] + self.flow(keys) + self.text[end:]
            end = _end(mapping.value[-1][1])
            return f"{self.text[:end]}, {self.flow(keys)}{self.text[end:]}"
        start = _start(mapping.value[0][0])
        return self.after_line(_last(mapping), self.block(keys, " " * self.column(start)))

    def below(self, key: yaml.Node, empty: yaml.ScalarNode, keys: tuple[str, ...]) -> str | None:
        """The first pair below a key that has no value yet."""
        if empty.value not in ("", "~", "null"):
            return None
        start, end = _start(empty), _end(empty)
        line = self.text.rfind("\n", 0, _start(key)) + 1
        indent = self.text[line : _start(key)]
        if indent.strip():  # inside `{…}`
            return f"{self.text[:start].rstrip(' ')} {{{self.flow(keys)}}}{self.text[end:]}"
        without = _Insertion(self.text[:start] + self.text[end:], self.change)
        return without.after_line(_end(key), self.block(keys, indent + self.step))

    def after_line(self, position: int, lines: str) -> str:
        at_line_start = position and self.text[position - 1] == "\n"  # after a block scalar
        end = position if at_line_start else self.text.find("\n", position) + 1
        if not end:
            return _line_end(self.text, self.newline) + lines
        return self.text[:end] + lines + self.text[end:]

    def column(self, position: int) -> int:
        return position - (self.text.rfind("\n", 0, position) + 1)

    def indentation(self, root: yaml.Node | None) -> str:
        """By how much the file's first nested block is set in; empty where there is none."""
        for key, value in getattr(root, "value", None) or ():
            if not getattr(value, "flow_style", True) and isinstance(value.value[0], tuple):
                return " " * (self.column(_start(value.value[0][0])) - self.column(_start(key)))
        return ""

    def block(self, keys: tuple[str, ...], indent: str) -> str:
        lines = [f"{indent}{self.step * depth}{_key(key)}:" for depth, key in enumerate(keys)]
        lines[-1] += f" {self.scalar(None)}"
        return "".join(line + self.newline for line in lines)

    def flow(self, keys: tuple[str, ...]) -> str:
        *outer, last = keys
        opening = "".join(f"{_key(key)}: {{" for key in outer)
        return f"{opening}{_key(last)}: {self.scalar(None)}{'}' * len(outer)}"

    def scalar(self, style: str | None) -> str:
        """The value as YAML, in the quotes that it had."""
        if style == "'" and self.value.isprintable():
            return "'" + self.value.replace("'", "''") + "'"
        if style == '"' or not (self.change.typed or _reads_as_itself(self.value)):
            return json.dumps(self.value, ensure_ascii=False)
        return self.value


def _without(text: str, root: yaml.Node | None, keys: tuple[str, ...]) -> str | None:
    import yaml

    node = root
    for key in keys[:-1]:
        if not isinstance(node, yaml.MappingNode):
            return text
        node = next((value for name, value in node.value if name.value == key), None)
    if not isinstance(node, yaml.MappingNode):
        return text
    index = next((i for i, (name, _value) in enumerate(node.value) if name.value == keys[-1]), None)
    if index is None:
        return text
    key, value = node.value[index]
    if node.flow_style:
        if index + 1 < len(node.value):
            return text[: _start(key)] + text[_start(node.value[index + 1][0]) :]
        start = _last(node.value[index - 1][1]) if index else _start(key)
        return text[:start] + text[_end(value) :]
    line = text.rfind("\n", 0, _start(key)) + 1
    if text[line : _start(key)].strip():
        return None
    last = max(_last(value), _end(key))
    if last and text[last - 1] == "\n":
        return text[:line] + text[last:]
    end = text.find("\n", last) + 1
    return text[:line] + (text[end:] if end else "")


def _start(node: yaml.Node) -> int:
    return int(node.start_mark.index)


def _end(node: yaml.Node) -> int:
    return int(node.end_mark.index)


def _last(node: yaml.Node) -> int:
    """Where the node's own text ends. A block collection's mark is too late: past the comments after it."""
    children: list[Any] = node.value if isinstance(node.value, list) else []
    if not children or getattr(node, "flow_style", False):
        return _end(node)
    final = children[-1]
    if isinstance(final, tuple):
        key, value = final
        return _last(value) if _start(value) >= _end(key) else _end(key)
    return _last(final)


def _key(name: str) -> str:
    return name if _reads_as_itself(name) else json.dumps(name, ensure_ascii=False)


def _reads_as_itself(text: str) -> bool:
    """Whether YAML reads the bare text, in any place, as this very string."""
    import yaml

    if not text.isprintable() or text.startswith("${"):  # the integration's own file quotes its references
        return False
    try:
        return bool(
            yaml.safe_load(f"{{k: {text}}}") == {"k": text} and yaml.safe_load(f"{text}: 1") == {text: 1}
        )
    except yaml.YAMLError:
        return False


def _line_end(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _plain(node: Node) -> Any:
    """The tree as plain values, to be compared."""
    match node.value:
        case tuple() as items:
            return [_plain(one) for one in items]
        case None | str() | int() | float() as scalar:
            return scalar
        case mapping:
            return {key: _plain(one) for key, one in mapping.items()} or None  # `a: {}` and `a:` are one


def _with(tree: Any, change: Change) -> Any:
    """The plain tree as it should be after the change."""
    if not change.keys:
        import yaml

        return yaml.safe_load(change.text or "") if change.typed else change.text
    key, *rest = change.keys
    inner = tree if isinstance(tree, dict) else {}
    if change.text is None:
        if key not in inner:
            return tree
        if not rest:
            return {name: value for name, value in inner.items() if name != key} or None
    below = _with(inner.get(key), Change(tuple(rest), change.text, change.typed))
    return {**inner, key: below}
