"""The page that `--help` shows: one for terminals and pipes, in the reader's language, as wide as there is room.

Knows a command's parameters as Typer keeps them; refuses to know which commands there are. Typer's own pages speak
English and colour what should be plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from stackspot_cli.commands import examples
from stackspot_cli.translation import _

if TYPE_CHECKING:
    import typer

    from stackspot_cli.commands.examples import Example
    from stackspot_cli.terminal.streams import Terminal

WIDEST = 80  # longer lines are tiresome to read
NARROW = 60  # below it, what a name means stands under the name
NAMES_WIDTH = 26  # a longer name has its line for itself


def show(context: typer.Context) -> None:
    """Writes the page of the context's command."""
    terminal: Terminal = context.obj.terminal
    terminal.write(page(context, width=min(terminal.size()[0], WIDEST), coloured=terminal.color))


def page(context: typer.Context, *, width: int = WIDEST, coloured: bool = False) -> str:
    command: Any = context.command
    paper = _Paper(width, coloured)
    paper.usage(context.command_path, _pieces(command))
    for paragraph in (command.help or "").split("\n\n"):
        paper.paragraph(" ".join(paragraph.split()))
    shown = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    paper.rows(_("Arguments"), [_argument(one) for one in shown if one.param_type_name == "argument"])
    paper.rows(_("Options"), [_option(one, context) for one in shown if one.param_type_name == "option"])
    commands = ((name, below.help or "") for name, below in getattr(command, "commands", {}).items())
    paper.rows(_("Commands"), [(name, " ".join(text.split())) for name, text in commands])
    paper.examples(_("Examples"), examples.of(" ".join(context.command_path.split()[1:])))
    if context.parent is not None and not hasattr(command, "commands"):
        paper.paragraph(_("The options of `stackspot --help` may stand here, too."))
    return paper.text()


def _pieces(command: Any) -> list[str]:
    """What follows the command's name on its line of usage."""
    names = []
    for one in command.params:
        if one.param_type_name == "argument":
            name = _name(one)
            names.append(name if one.required or name.startswith("[") else f"[{name}]")
    below = [_("COMMAND …")] if hasattr(command, "commands") else []
    return [_("[OPTIONS]"), *names, *below]


def _name(argument: Any) -> str:
    name = str(argument.metavar or (argument.name or "").upper())
    return name if argument.nargs == 1 or "…" in name else f"{name}…"


def _argument(one: Any) -> tuple[str, str]:
    return _name(one), " ".join(filter(None, (one.help, _("[required]") if one.required else "")))


def _option(one: Any, context: typer.Context) -> tuple[str, str]:
    names = ", ".join(sorted([*one.opts, *one.secondary_opts], key=len))
    if "--help" in one.opts:
        return names, _("Show this page and exit.")
    value = "" if one.is_flag else f" {one.metavar or one.make_metavar(ctx=context)}"
    default = one.default
    if one.is_flag or default is None or default in ([], ()) or callable(default):
        return f"{names}{value}", one.help or ""
    told = _("[default: {value}]").format(value=getattr(default, "value", default))
    return f"{names}{value}", f"{one.help} {told}"


class _Paper:
    """Lines that fit the width."""

    def __init__(self, width: int, coloured: bool) -> None:
        self._width = max(width, 20)
        self._coloured = coloured
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def usage(self, path: str, pieces: Sequence[str]) -> None:
        first, *rest = self._wrapped(_("Usage: {call}").format(call=" ".join([path, *pieces])), "", 7)
        self._lines += [self._bold(first), *rest]

    def paragraph(self, text: str) -> None:
        if text:
            self._lines += ["", *self._wrapped(text, "  ")]

    def examples(self, title: str, examples: Iterable[Example]) -> None:
        """As they are: they can be pasted, with what they are for as a comment."""
        for number, (what, typed) in enumerate(examples):
            if number == 0:
                self._lines += ["", self._title(title)]
            self._lines += self._wrapped(what.rstrip(":"), "  #")
            self._lines += [f"  {line}" for line in typed.split("\n")]

    def rows(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        if not rows:
            return
        self._lines += ["", self._title(title)]
        column = min(max(len(name) for name, _text in rows), NAMES_WIDTH) + 4
        for name, text in rows:
            if self._width < NARROW:
                self._lines += [f"  {self._bold(name)}", *self._wrapped(text, "      ")]
                continue
            first, *rest = self._wrapped(text, " " * column) or [""]
            if len(name) + 4 <= column:
                gap = " " * (column - 2 - len(name))
                self._lines += [f"  {self._bold(name)}{gap}{first.lstrip()}".rstrip(), *rest]
            else:
                self._lines += [f"  {self._bold(name)}", *filter(None, (first, *rest))]

    def _title(self, title: str) -> str:
        return self._bold(f"{title}:")

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[22m" if self._coloured else text

    def _wrapped(self, text: str, indent: str, hanging: int = 0) -> list[str]:
        """Broken at blanks alone: an option or a name stays whole."""
        lines: list[str] = []
        line = indent
        for word in text.split(" "):
            joined = f"{line} {word}" if line.strip() else f"{line}{word}"
            if len(joined) > self._width and line.strip():
                lines.append(line)
                joined = f"{indent}{' ' * hanging}{word}"
            line = joined
        return [*lines, line] if line.strip() else lines
