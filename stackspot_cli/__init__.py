"""StackSpot AI from the command line and from Python.

    from stackspot_cli import StackSpot

Public names are loaded on first use: importing the package costs nothing.
"""

__version__ = "0.1.0"
