"""Runs inside the Azure CLI's own environment: does its real parser take these command lines? Needs no network.

In: a JSON list of argument lists. Out: a JSON list with one text per line, empty where it is fine.
"""

import contextlib
import io
import json
import os
import sys

os.environ["AZURE_CORE_COLLECT_TELEMETRY"] = "no"

from azure.cli.core import get_default_cli
from azure.cli.core.azclierror import AzCLIError
from azure.cli.core.commands.events import EVENT_INVOKER_POST_LOAD_ARGUMENTS, EVENT_INVOKER_PRE_LOAD_ARGUMENTS
from knack.events import EVENT_INVOKER_POST_CMD_TBL_CREATE


class Parser:
    """The real command tables and the real argument parser, without running anything."""

    def __init__(self) -> None:
        self.cli = get_default_cli()

    def problem(self, argv: list[str]) -> str:
        """What is wrong with one command line."""
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                return self._parse(argv)
        except SystemExit as stop:
            return "" if stop.code == 0 else said.getvalue().strip() or f"exit {stop.code}"
        except AzCLIError as error:
            return str(error)

    def _parse(self, argv: list[str]) -> str:
        invocation = self.cli.invocation_cls(
            cli_ctx=self.cli,
            parser_cls=self.cli.parser_cls,
            commands_loader_cls=self.cli.commands_loader_cls,
            help_cls=self.cli.help_cls,
        )
        self.cli.invocation = invocation
        loader = invocation.commands_loader
        loader.load_command_table(argv)
        command = next(
            (" ".join(argv[:n]) for n in range(len(argv), 0, -1) if " ".join(argv[:n]) in loader.command_table), None
        )
        if command is None:
            words = [word for word in argv if not word.startswith("-")]
            return f"there is no command «{' '.join(words[:4])}»"
        loader.command_table = {command: loader.command_table[command]}
        loader.command_name = invocation.data["command_string"] = command
        self.cli.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
        loader.load_arguments(command)
        self.cli.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
        self.cli.raise_event(EVENT_INVOKER_POST_CMD_TBL_CREATE, commands_loader=loader)
        invocation.parser.cli_ctx = self.cli
        invocation.parser.load_command_table(loader)
        known = _flags_of(invocation.parser, command.split())
        unknown = [word for word in argv if word.startswith("--") and word.partition("=")[0] not in known]
        if unknown:
            return f"{command}: no such option, or a shortened one: {', '.join(unknown)}"
        invocation.parser.parse_args(argv)
        return ""


def _flags_of(parser: object, words: list[str]) -> set[str]:
    """Every option of a command, in full: the parser itself would also take beginnings of them."""
    for group_words in range(len(words) - 1, 0, -1):
        group = parser.subparsers.get(tuple(words[:group_words]))  # type: ignore[attr-defined]
        if group is not None and words[-1] in group.choices:
            return {flag for action in group.choices[words[-1]]._actions for flag in action.option_strings}
    return set()


def main() -> None:
    parser = Parser()
    json.dump([parser.problem(argv) for argv in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
