"""Running the scripts of `infra/`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from cli import ROOT
from cli.errors import CliError, UsageError

INFRA = ROOT / "infra"


def bash() -> str:
    """The shell that the scripts are written for.

    Raises: CliError where there is none.
    """
    found = shutil.which("bash")
    if found is None:
        raise CliError("bash is needed for deploying", "Install bash 4.4 or newer")
    return found


def script(name: str, arguments: Sequence[str]) -> int:
    """Run a script with the terminal as it is; its exit code."""
    return subprocess.run([bash(), str(INFRA / name), *arguments], check=False, env=_environment()).returncode


def names(arguments: Sequence[str], subscription: str = "") -> dict[str, str]:
    """The parameters, and the names that follow from them (those begin with `@`), as the scripts see them.

    Raises: UsageError with the script's words where a parameter is wrong.
    """
    environment = {**_environment(), **({"SUBSCRIPTION_ID": subscription} if subscription else {})}
    command = [bash(), str(INFRA / "deploy.sh"), *arguments, "--names"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise UsageError(done.stderr.strip().removeprefix("error: "))
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def _environment() -> dict[str, str]:
    """Ours without what is only about our own Python: `az` is a Python program, too."""
    return {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
