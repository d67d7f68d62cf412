"""What is built from a clone is whole: a wheel has every file of the program, and works where there is nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "var", "build", "dist", "*.egg-info"))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source]
    subprocess.run(build, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_has_every_file_of_the_program(wheel: Path):
    files = (file for file in (ROOT / "monitor").rglob("*") if file.is_file() and file.suffix != ".pyc")
    wanted = {str(file.relative_to(ROOT)) for file in files}
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_alone_makes_checks_and_opens_what_it_needs(wheel: Path, tmp_path: Path):
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path / "site", wheel]
    subprocess.run(install, check=True, capture_output=True)
    begin = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); from monitor.cli import main; main()"

    def monitor(*words: str) -> str:
        command = [sys.executable, "-I", "-c", begin, *words]
        ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return ran.stdout

    assert "made config/monitor.yaml" in monitor("init")
    assert "no mistakes" in monitor("check")
    assert "schema is up to date" in monitor("db", "upgrade")
    assert "0 failed" in monitor("test")
