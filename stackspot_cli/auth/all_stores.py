"""The four stores of one account, put together. Knows where each of them lies; refuses to know their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.auth.credentials import Stores
from stackspot_cli.auth.environment_store import EnvironmentStore
from stackspot_cli.auth.file_locks import alone
from stackspot_cli.auth.file_store import FILE_NAME, PrivateFileStore
from stackspot_cli.auth.keyring_store import KeyringStore, MemoryBackend, system_backend
from stackspot_cli.settings.config_file import ConfigFile


def of(
    environ: Mapping[str, str],
    data_dir: Path,
    config: ConfigFile,
    note: Callable[[str], None],
    *,
    keyring_in_memory: bool,
) -> Stores:
    """keyring_in_memory: what is stored goes with the process."""
    keyring = (
        KeyringStore(MemoryBackend)
        if keyring_in_memory
        else KeyringStore(system_backend, alone=lambda keeps: alone(data_dir / "keyring", make_folder=keeps))
    )
    return Stores(
        environment=EnvironmentStore(environ),
        keyring=keyring,
        file=PrivateFileStore(data_dir / FILE_NAME, note),
        config=ConfigStore(config, environ),
    )
