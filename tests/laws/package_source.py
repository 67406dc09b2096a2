"""What the laws read of the package: its modules and what each imports, wherever in the file it does."""

import ast
from pathlib import Path

import stackspot_cli

PACKAGE = Path(stackspot_cli.__file__).parent


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Name without `stackspot_cli.` to file; the package's own `__init__` is ""."""
    named = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return named


def imports(source: str) -> set[tuple[str, str]]:
    """(module, name) for each import, deferred and TYPE_CHECKING ones included; name is "" for `import module`."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {("." * node.level + (node.module or ""), alias.name) for alias in node.names}
    return found


def own_imports(source: str, known: set[str]) -> set[str]:
    """The modules of ours that a source imports; what it takes from the package itself is `.name`."""
    found = set()
    for module, name in imports(source):
        root, _, rest = module.partition(".")
        if root != "stackspot_cli":
            if not root:
                found.add(f"a relative import of {module or '.'}{name}")
            continue
        inner = f"{rest}.{name}" if rest else name
        found.add(inner if inner in known else rest or f".{name}")
    return found
