"""Everything that is generated from the program itself: man pages, completions, tables, drawings, catalogues.

    python -m docs.generate            writes what has changed
    python -m docs.generate --check    names what lags, and ends with 1 when something does

Each module below offers `files() -> {path below the root: text or bytes}`, in English, whatever the locale. Nothing
here is part of the package that is installed.
"""
