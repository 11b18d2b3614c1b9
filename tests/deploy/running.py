"""Running the scripts against the stand-in for `az`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STANDIN = Path(__file__).parent / "standin"
WHERE = ("--name", "acme-media", "--location", "westeurope")


@dataclass
class Deployment:
    """One pretended subscription, in a folder of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / "cloud.json"

    @property
    def cloud(self) -> dict[str, Any]:
        """Everything that the stand-in knows."""
        return (
            json.loads(self.path.read_text())
            if self.path.exists()
            else {"things": {}, "calls": [], "deleted": [], "changes": 0}
        )

    @property
    def things(self) -> dict[str, dict[str, Any]]:
        """The resources."""
        return dict(self.cloud["things"])

    @property
    def calls(self) -> list[list[str]]:
        """Every `az` call, as it came."""
        return list(self.cloud["calls"])

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of one kind, by name."""
        mark = f"{kind}/"
        return {key.removeprefix(mark): facts for key, facts in self.things.items() if key.startswith(mark)}

    def script(self, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of the scripts of `infra/` (or of `scripts/`, by its path)."""
        path = ROOT / name if "/" in name else ROOT / "infra" / name
        return self.shell([str(path), *arguments], **environment)

    def shell(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run any command with the stand-in in the place of `az`."""
        home = {"HOME": str(self.folder), "PATH": f"{self._tools()}:{os.environ['PATH']}"}
        given = {"AZ_STANDIN_STATE": str(self.path), "RETRY_DELAY_S": "0", "LANG": "C.UTF-8", "TERM": "dumb"}
        whole = {**home, **given, **self.environment, **environment}
        return subprocess.run(command, cwd=ROOT, env=whole, capture_output=True, text=True, check=False, timeout=240)

    def _tools(self) -> Path:
        """The stand-ins, with the Python that runs the tests before any other `python3`: it is quicker than a shim."""
        tools = self.folder / "tools"
        if not tools.exists():
            tools.mkdir()
            (tools / "python3").symlink_to(sys.executable)
            (tools / "az").symlink_to(STANDIN / "az")
            (tools / "curl").symlink_to(STANDIN / "curl")
        return tools

    def up(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Deploy an image of a fixed tag: the commit may change while the tests run."""
        return self.script("deploy.sh", *WHERE, "--image-tag", "tested", *arguments, **environment)

    def down(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Destroy."""
        return self.script("destroy.sh", *WHERE, *arguments, **environment)


def words(argv: list[str]) -> str:
    """`az group create --name x` → `group create`."""
    return " ".join(argv[: next((i for i, word in enumerate(argv) if word.startswith("-")), len(argv))])
