"""The four stores of one account: where each of them lies, and that putting them together makes nothing."""

from pathlib import Path

from stackspot_cli.auth import all_stores
from stackspot_cli.settings.config_file import ConfigFile


def test_nothing_is_made_by_putting_them_together(tmp_path: Path) -> None:
    notes: list[str] = []
    stores = all_stores.of(
        {"STACKSPOTAI_CLIENT_ID": "id"},
        tmp_path / "data",
        ConfigFile(tmp_path / "config.yaml"),
        notes.append,
        keyring_in_memory=True,
    )
    entry = stores.environment.get("stackspot")
    assert entry is not None
    assert entry.client_id is not None
    assert entry.client_id.value == "id"
    assert (list(tmp_path.iterdir()), notes) == ([], [])
