"""Where the files lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stackspot_cli.errors import UsageError
from stackspot_cli.settings.places import locate
from stackspot_cli.settings.setting import Setting


def test_one_home_holds_config_data_and_cache(tmp_path: Path) -> None:
    places = locate(None, {"STACKSPOTAI_HOME": str(tmp_path)})
    assert places.config_path == Setting(tmp_path / "config.yaml", "default", "default")
    assert [places.config_dir, places.data_dir, places.cache_dir] == [tmp_path] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of XDG")
@pytest.mark.parametrize(
    "variables", [{}, {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/e"}]
)
def test_the_platforms_folders_are_those_of_platformdirs(variables: dict[str, str]) -> None:
    environ = {"HOME": "/home/someone", **variables}
    code = (
        "import platformdirs; d = platformdirs.PlatformDirs('stackspot', appauthor=False);"
        "print(d.user_config_path, d.user_data_path, d.user_cache_path)"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    ours = locate(None, environ)
    assert f"{ours.config_dir} {ours.data_dir} {ours.cache_dir}\n" == theirs.stdout


def test_the_file_that_is_named_comes_before_the_variables_and_must_exist(tmp_path: Path) -> None:
    environ = {"STACKSPOTAI_HOME": str(tmp_path), "STACKSPOTAI_CONFIG": "/there.yaml"}
    by_option, by_variable = locate(tmp_path / "x.yaml", environ), locate(None, environ)
    assert by_option.config_path == Setting(tmp_path / "x.yaml", "option --config", "option")
    assert by_variable.config_path == Setting(
        Path("/there.yaml"), "environment STACKSPOTAI_CONFIG", "environment"
    )
    assert (by_option.config_required, by_variable.config_required) == (True, True)
    assert not locate(None, {"STACKSPOTAI_HOME": str(tmp_path)}).config_required


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of XDG")
def test_a_relative_folder_of_xdg_is_ignored() -> None:
    environ = {"HOME": "/home/someone", "XDG_DATA_HOME": "here"}
    assert locate(None, environ).data_dir == Path("/home/someone/.local/share/stackspot")


@pytest.mark.parametrize(
    ("config", "environ", "named"),
    [
        ("~nobody-here/x", {}, "option --config"),
        (None, {"STACKSPOTAI_CONFIG": "~nobody-here/x"}, "environment STACKSPOTAI_CONFIG"),
        (None, {"STACKSPOTAI_HOME": "~nobody-here/x"}, "environment STACKSPOTAI_HOME"),
    ],
)
def test_the_home_of_nobody_is_a_usage_error_that_names_where_it_stands(
    config: str | None, environ: dict[str, str], named: str
) -> None:
    with pytest.raises(UsageError) as caught:
        locate(config, {"HOME": "/h", **environ})
    assert str(caught.value) == f"{named}: ~nobody-here/x leads nowhere: there is no such user"


def test_a_relative_path_in_a_working_folder_that_is_gone_is_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match=r"x\.yaml leads nowhere: the working folder is gone"):
        locate("x.yaml", {"HOME": "/h"})
