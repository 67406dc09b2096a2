"""argv in, exit code out. `--version` is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script. Ends the process itself, so that nothing complains after the last flush."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from stackspot_cli import __version__

        try:
            sys.stdout.write(f"stackspot {__version__}\n")
            sys.stdout.flush()
        except (OSError, AttributeError):
            pass  # the full story is told below
        else:
            _leave(0)
    import gc

    gc.disable()  # nothing of the start-up is garbage; on again with the first characters
    try:
        from stackspot_cli.cli import run_process

        code = run_process(arguments)
    except KeyboardInterrupt:
        code = 130
    _leave(code)


def _leave(code: int) -> None:
    """Without the interpreter's tear-down: 10 ms, and complaints about closed streams."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(code)


if __name__ == "__main__":
    main()
