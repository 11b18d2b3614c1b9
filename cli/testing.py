"""`./simpi test`: what CI runs; `./simpi bench`: what is measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cli import ROOT, browser_tools, deploy_tools
from cli.console import err
from cli.errors import INTERRUPTED, OK, UsageError

CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("mypy", "scripts"))
WHOLE = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "10")
BENCHMARKS = ("durable", "end-to-end", "images", "video")
SETS = {
    "--chaos": ("tests/chaos",),
    "--corpus": ("tests/corpus",),
    "--browser": ("tests/browser",),
    "--postgres": ("tests/outside", "tests/sandbox"),
}
"""The sets that pytest knows by an option: such an option alone runs just their folders."""


HELP = """\
Usage: simpi test [SET] [ARGUMENTS OF PYTEST]...

  Without arguments: ruff, mypy --strict, then every test; what CI runs.

  tests/core ...   only some
  --corpus FOLDER  on real photos and videos of yours
  --chaos          every fault injected: storage, kills, crowds
  --browser        the page in a real Chromium; installs Playwright, once
  --postgres       SIMPI's side on a real PostgreSQL; scripts/setup-test-postgres.sh installs one
  --deploy         the deployment, offline; installs 600 MB of tools, once
  --coverage       every test, then which lines and branches of the app none of them ran

  Anything else goes to pytest: -k WORDS, -x, --lf, -n 2.
"""


def test(arguments: Sequence[str]) -> int:
    """Without arguments: style, types, then every test on two processes. With arguments: pytest with just these.

    An option that names a slow set (`--chaos`, `--corpus DIR`, `--browser`, `--deploy`, `--coverage`) runs that set.

    pytest's closing line is the last thing printed; the exit code is the first that is not 0.
    Raises: UsageError, where there is no such corpus.
    """
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(HELP)
        return OK
    _check_corpus(arguments)
    if "--deploy" in arguments:
        given = _from_here([argument for argument in arguments if argument != "--deploy"])
        return _run("pytest", *(given or ("tests/deploy", "-n", "2")), **deploy_tools.get_ready())
    if "--coverage" in arguments:
        return _covered(_from_here([argument for argument in arguments if argument != "--coverage"]))
    if "--browser" in arguments and (code := browser_tools.get_ready()):
        return code
    problems = [] if arguments else [code for check in CHECKS if (code := _run(*check))]
    tests = _run("pytest", *(_from_here(arguments) or WHOLE), *_sets(arguments))
    return next(iter([*problems, tests]))


def bench(name: str | None, *, as_json: bool) -> int:
    """Run one benchmark or all, side by side with their peers. A missed target is a finding: the exit code stays 0.

    Raises: UsageError, where there is none of this name.
    """
    if name is not None and name not in BENCHMARKS:
        raise UsageError(f"there is no benchmark {name}", f"There are: {', '.join(BENCHMARKS)}")
    return _run("bench", *([name] if name else BENCHMARKS), *(["--json"] if as_json else []))


def _covered(arguments: Sequence[str]) -> int:
    """The tests, with the workers that they start, under coverage (pyproject.toml says of what); then its report."""
    folder = ROOT / ".simpi" / "coverage"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tests = _run("coverage", "run", "-m", "pytest", *(arguments or WHOLE))
    return tests or _run("coverage", "combine", "--quiet") or _run("coverage", "report")


def _check_corpus(arguments: Sequence[str]) -> None:
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        folder = value if equals else "".join(arguments[place + 1 : place + 2])
        if name == "--corpus" and not Path(folder or "-").is_dir():
            raise UsageError(f"--corpus needs a folder of photos and videos: there is none at {folder or 'its end'}")


def _sets(arguments: Sequence[str]) -> list[str]:
    """The folders of the sets that are named, unless the user says which tests of them."""
    if any(argument.removeprefix("./").startswith("tests/") for argument in arguments):
        return []
    named = {one.partition("=")[0] for one in arguments}
    return [folder for option, folders in SETS.items() if option in named for folder in folders]


def _run(*command: str, **env: str) -> int:
    err().print(f"$ {' '.join(command)}", style="bold", markup=False, soft_wrap=True)
    sys.stdout.flush()
    # The project's folder comes from where we run.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | env
    try:
        return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=env, check=False).returncode
    except KeyboardInterrupt:
        return INTERRUPTED


def _from_here(arguments: Sequence[str]) -> list[str]:
    """Paths as the user meant them: relative to where the call was made, else to the project."""
    meant = []
    for argument in arguments:
        path, colons, rest = argument.partition("::")
        here = os.path.abspath(path)  # noqa: PTH100 - keeps links as they are
        is_path = not argument.startswith("-") and os.path.exists(here)  # noqa: PTH110
        meant.append(here + colons + rest if is_path else argument)
    return meant
