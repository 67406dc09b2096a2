"""The config file as a tree in which every value knows its line and column.

Knows YAML, and the bounds that keep a hostile or broken file from hurting: size, depth, number of values.
Refuses to know which keys mean something (`config_keys` does) and what is done with them (`settings`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from stackspot_cli.errors import ConfigError
from stackspot_cli.files import ownership, plain_files
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.settings.substitution import is_literal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    import yaml

TOO_DEEP = _("nested deeper than any config file needs")
MAX_BYTES = 1024 * 1024  # the contract's bound
MAX_DEPTH = 32  # ours needs 5; deeper is a mistake, or an attack on recursion
MAX_VALUES = 20_000  # counted after aliases are followed: nine of them nested nine deep are a bomb

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file, which may be a key: it does not show itself. line and column count from 1, as editors do."""

    value: Scalar | Mapping[str, Node] | tuple[Node, ...] = field(repr=False)
    line: int = 1
    column: int = 1

    def at(self, *keys: str) -> Node | None:
        """The node below these keys, or None."""
        node: Node | None = self
        for key in keys:
            if node is None or not isinstance(node.value, Mapping):
                return None
            node = node.value.get(key)
        return node

    def items(self, *keys: str) -> Iterator[tuple[str, Node]]:
        """The pairs of the mapping here, or below these keys; nothing of anything else."""
        node = self.at(*keys)
        if node is not None and isinstance(node.value, Mapping):
            yield from node.value.items()

    def plain(self) -> Any:
        """The node as Python's own values."""
        if isinstance(self.value, Mapping):
            return {key: below.plain() for key, below in self.value.items()}
        if isinstance(self.value, tuple):
            return [below.plain() for below in self.value]
        return self.value

    def walk(self, *keys: str) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Every node here and below, each with its keys after these; a mapping before what is in it."""
        yield keys, self
        for key, below in self.items():
            yield from below.walk(*keys, key)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One file as read. Where there is none, root is an empty mapping."""

    path: Path
    root: Node = field(default_factory=lambda: Node({}))

    def profiles(self) -> Iterator[tuple[str, Node]]:
        """Each provider is one: its name, and what is set for it."""
        return self.root.items("providers")

    def key_written_out(self, profile: str) -> Node | None:
        """The profile's client key, where the file itself holds it rather than the name of a variable."""
        key = self.root.at("providers", profile, "api_key")
        return key if key and isinstance(key.value, str) and is_literal(key.value) else None

    def place(self, node: Node) -> str:
        """Where the node stands, as every error names it."""
        return _("{path}, line {line}, column {column}").format(
            path=self.path, line=node.line, column=node.column
        )

    def line(self, node: Node) -> str:
        """Where the node stands, for a person who looks for a value."""
        return _("{path}, line {line}").format(path=self.path, line=node.line)

    def error(self, node: Node, why: str) -> ConfigError:
        """The error that names the node's place."""
        return ConfigError(_("{place}: {why}").format(place=self.place(node), why=why), opening(self.path))


def opening(path: Path) -> str:
    """The hint that opens this very file, whichever of them counts otherwise."""
    import shlex  # deferred: only a mistake needs it

    command = shlex.join(["stackspot", "--config", str(path), "config", "edit"])
    return _("`{command}` opens the file and checks it").format(command=command)


def read(path: Path, *, required: bool, note: Callable[[str], None] | None = None) -> ConfigFile:
    """Reads and parses. A missing file is an empty one unless required. Errors: ConfigError.

    A file that somebody else may have written is refused: it says where the key is sent to. note: told of such a
    file, and of one that we may not read, as in a container whose HOME is somebody else's; unless it is required,
    it then counts as missing.
    """
    doubt = ownership.doubt_of_what_is_there(path)
    if doubt is not None:
        if required or note is None:
            raise _not_ours(path, doubt)
        note(_("{path} is left out: {why}; {remedy}").format(path=path, why=doubt.why, remedy=doubt.remedy))
        return ConfigFile(path)
    try:
        text = read_text(path, required=required)
    except ConfigError as error:
        if required or note is None or not isinstance(error.__cause__, PermissionError):
            raise
        note(_("{problem}; going on without it").format(problem=error.message))
        text = None
    return ConfigFile(path) if text is None else parse(text, path)


def refuse_doubtful(path: Path) -> None:
    """Raises ConfigError where somebody else may have written the file."""
    doubt = ownership.doubt_of_what_is_there(path)
    if doubt is not None:
        raise _not_ours(path, doubt)


def _not_ours(path: Path, doubt: ownership.Doubt) -> ConfigError:
    return ConfigError(_("{path} is not used: {why}").format(path=path, why=doubt.why), doubt.remedy)


def read_text(path: Path, *, required: bool) -> str | None:
    """The text of any file, None where there is none and none is required. Errors: ConfigError."""
    try:
        content = plain_files.read(path, MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as problem:
        if not required:
            return None
        raise ConfigError(
            _("there is no config file {path}").format(path=path),
            _("check the name given by --config or STACKSPOTAI_CONFIG; `stackspot config path` shows it"),
        ) from problem
    except OSError as problem:
        raise ConfigError(
            _("cannot read {path}: {why}").format(path=path, why=problem.strerror or problem),
            _("a config file is a YAML file that you may read; STACKSPOTAI_HOME names another folder"),
        ) from problem
    _check_size(content, path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise ConfigError(
            _("{path}, line {line}: not UTF-8 text").format(path=path, line=line),
            _("save the file as UTF-8"),
        ) from problem


def parse(text: str, path: Path) -> ConfigFile:
    """Text to a tree of keys and values, empty where there is none. Errors: as of `document`."""
    parsed = document(text, path)
    if parsed.root.value is None:
        return ConfigFile(path)
    if not isinstance(parsed.root.value, Mapping):
        raise parsed.error(
            parsed.root, _("the file must hold keys and values, such as `default_profile: stackspot`")
        )
    return parsed


def document(text: str, path: Path) -> ConfigFile:
    """Text to tree, whatever the YAML is; a node of None where there is none.

    Errors: ConfigError with line and column, and never a piece of the text (it may hold a secret).
    """
    _check_size(text.encode("utf-8", "replace"), path)
    import yaml  # deferred: 20 ms that a start without a config file does not pay

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where PyYAML was built with it
    try:
        _check_depth(yaml.parse(text, Loader=loader), path)
        composed = yaml.compose(text, Loader=loader)
        root = Node(None) if composed is None else _Builder(path).build(composed, 0)
    except yaml.MarkedYAMLError as problem:
        never_closed = (
            problem.problem == "found unexpected end of stream" and problem.context_mark is not None
        )
        mark = problem.context_mark if never_closed else problem.problem_mark or problem.context_mark
        node = Node(None, mark.line + 1, mark.column + 1) if mark else Node(None)
        why = problem.problem or problem.context or ""
        if (
            why.startswith("but ") and problem.context
        ):  # the second half of a sentence that the context begins
            why = f"{problem.context}, {why}"
        if never_closed:  # the end of the file tells nothing: where it began does
            why = _("what begins here is never closed")
        if "nesting depth" in why:  # libyaml's own limit, which comes before ours from PyYAML 6.0.4 on
            why = TOO_DEEP
        raise _broken(path, node, why) from problem
    except yaml.YAMLError as problem:  # the reader's: a character that YAML does not allow
        position = getattr(problem, "position", 0)
        before = text[:position]
        node = Node(None, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
        raise _broken(path, node, _("a character that YAML does not allow")) from problem
    return ConfigFile(path, root)


def _check_size(content: bytes, path: Path) -> None:
    if len(content) > MAX_BYTES:
        raise ConfigError(
            _("{path} is larger than 1 MiB").format(path=path),
            _("is it the right file? A config file holds a few settings in YAML"),
        )


def _check_depth(events: Iterator[yaml.Event], path: Path) -> None:
    """Before anything recursive sees the document: PyYAML's composer overflows the stack on `[[[[…`."""
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _broken(path, _mark(event), TOO_DEEP)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """PyYAML's nodes to ours: plain scalars only, no key twice, bounds on what aliases unfold to."""

    def __init__(self, path: Path) -> None:
        import yaml

        self._yaml = yaml
        self._scalars = yaml.constructor.SafeConstructor()
        self._path = path
        self._count = 0

    def build(self, node: yaml.Node, depth: int) -> Node:
        at = _mark(node)
        self._count += 1
        if self._count > MAX_VALUES or depth > MAX_DEPTH:
            raise _broken(self._path, at, _("too many values, or aliases that unfold without end"))
        if isinstance(node, self._yaml.MappingNode):
            return Node(self._mapping(node, depth), at.line, at.column)
        if isinstance(node, self._yaml.SequenceNode):
            return Node(tuple(self.build(one, depth + 1) for one in node.value), at.line, at.column)
        return Node(self._scalar(node), at.line, at.column)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, self._yaml.ScalarNode):
                raise _broken(self._path, _mark(key), _("a key must be a plain word"))
            if key.tag == "tag:yaml.org,2002:merge":
                self._merge(merged, self.build(value, depth + 1))
                continue
            name = str(key.value)  # as written: YAML's own reading makes True of a key `on`
            if name in own:
                raise _broken(self._path, _mark(key), _("the key {key} stands here twice").format(key=name))
            own[name] = self.build(value, depth + 1)
        return merged | own

    def _merge(self, into: dict[str, Node], what: Node) -> None:
        """`<<: *defaults`, or a list of them, where the first one that has a key wins."""
        for one in what.value if isinstance(what.value, tuple) else (what,):
            for key, value in one.items():
                into.setdefault(key, value)

    def _scalar(self, node: yaml.Node) -> Scalar:
        try:
            value = self._scalars.construct_object(node)
        except (ValueError, OverflowError) as problem:  # 2024-99-99, or a number of 5,000 digits
            raise _broken(self._path, _mark(node), _("not a value that can be read")) from problem
        if value is None or isinstance(value, (str, int, float, bool)):
            return value
        return str(node.value)  # a date is the text as written


def _mark(what: yaml.Node | yaml.Event) -> Node:
    mark = what.start_mark
    return Node(None, mark.line + 1, mark.column + 1) if mark else Node(None)


def _broken(path: Path, node: Node, why: str) -> ConfigError:
    return ConfigFile(path).error(node, why)
