"""Runs inside the Azure CLI's own environment: the names of what `az acr build` would send to the registry."""

import json
import logging
import sys
import tarfile
import tempfile
from pathlib import Path

from azure.cli.command_modules.acr._archive_utils import _pack_source_code

logging.disable(logging.WARNING)


def main() -> None:
    root = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "context.tar.gz"
        _pack_source_code(root, str(path), str(Path(root) / "Dockerfile"), "Dockerfile")
        with tarfile.open(path) as tar:
            json.dump(sorted(member.name for member in tar.getmembers() if member.isfile()), sys.stdout)


if __name__ == "__main__":
    main()
