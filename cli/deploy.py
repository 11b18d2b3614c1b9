"""`./simpi deploy`: the scripts of `infra/` with one voice. Each command imports what it needs when it runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.console import command, note, print_json
from cli.deploy_run import script
from cli.errors import JOB_FAILED, OK
from cli.options import AsJson

commands = typer.Typer(
    name="deploy",
    help="Bring the system to Azure, look at it there, take it away. See docs/deploy.md.",
    no_args_is_help=True,
)

MORE = {"allow_extra_args": True, "ignore_unknown_options": True}

Name = Annotated[
    str, typer.Option("--name", help="3 to 16 lower-case letters, digits, hyphens: all names follow from it.")
]
Location = Annotated[str, typer.Option("--location", help="The Azure region, such as westeurope.")]
Parameters = Annotated[
    Path | None, typer.Option("--parameters", metavar="FILE", help="A copy of infra/parameters.env with your values.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show every command, run none.")]
Dts = Annotated[bool, typer.Option("--dts", help="Durable Task Scheduler: scale from 1 to 10 by load.")]
FrontDoor = Annotated[bool, typer.Option("--front-door", help="Front Door before the public outputs.")]


def _arguments(
    context: typer.Context, name: str, location: str, parameters: Path | None, **switches: bool
) -> list[str]:
    """The call in the words of the scripts; what is no option of ours goes through as it is."""
    given = [f"--{switch.replace('_', '-')}" for switch, on in switches.items() if on]
    given += ["--parameters", str(parameters)] if parameters else []
    given += ["--name", name] if name else []
    given += ["--location", location] if location else []
    return [*given, *context.args]


EXAMPLE_NAME, EXAMPLE_LOCATION = "simpi", "westeurope"


def _or_example(name: str, location: str, parameters: Path | None) -> tuple[str, str]:
    """The name and the region to show something for, where nothing is made of it."""
    if parameters or (name and location):
        return name, location
    name, location = name or EXAMPLE_NAME, location or EXAMPLE_LOCATION
    note(f"shown for the name {name} in {location}; choose your own with --name and --location")
    return name, location


@commands.command(context_settings=MORE)
@command
def plan(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    dts: Dts = False,
    front_door: FrontDoor = False,
    uploads: Annotated[int, typer.Option("--uploads", min=0, help="Uploads a month, for the estimate.")] = 3000,
    average_mb: Annotated[float, typer.Option("--average-mb", min=0, help="Their average size.")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """What would be made, what it is called, and about what it costs a month. Calls nothing."""
    from cli import deploy_plan

    name, location = _or_example(name, location, parameters)
    arguments = _arguments(context, name, location, parameters, dts=dts, front_door=front_door)
    made = deploy_plan.plan(arguments, deploy_plan.Usage(uploads, average_mb))
    print_json(made.to_dict()) if as_json else deploy_plan.show(made)


@commands.command(context_settings=MORE)
@command
def up(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    dts: Dts = False,
    front_door: FrontDoor = False,
    rotate_keys: Annotated[bool, typer.Option("--rotate-keys", help="New host keys.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Make everything, or bring what is there to the present commit and parameters. Safe to run again.

    More options go through to infra/deploy.sh: --subscription, --cpu, --memory, --replicas, --signalr, --image-tag.
    """
    if dry_run:
        name, location = _or_example(name, location, parameters)
    switches = {"dts": dts, "front_door": front_door, "rotate_keys": rotate_keys, "dry_run": dry_run}
    raise typer.Exit(script("deploy.sh", _arguments(context, name, location, parameters, **switches)))


@commands.command(context_settings=MORE)
@command
def status(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    dry_run: DryRun = False,
) -> None:
    """How it stands: replicas, the event subscription, failed jobs, events that nobody took."""
    raise typer.Exit(script("status.sh", _arguments(context, name, location, parameters, dry_run=dry_run)))


@commands.command(context_settings=MORE)
@command
def logs(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing new lines.")] = False,
    system: Annotated[bool, typer.Option("--system", help="What the platform says: starts, pulls, probes.")] = False,
    dry_run: DryRun = False,
) -> None:
    """The app's newest log lines."""
    switches = {"follow": follow, "system": system, "dry_run": dry_run}
    raise typer.Exit(script("logs.sh", _arguments(context, name, location, parameters, **switches)))


@commands.command(context_settings=MORE)
@command
def down(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Take everything away, all media included. There is no way back."""
    raise typer.Exit(script("destroy.sh", _arguments(context, name, location, parameters, yes=yes, dry_run=dry_run)))


@commands.command(context_settings=MORE)
@command
def smoke(
    context: typer.Context,
    name: Name = "",
    location: Location = "",
    parameters: Parameters = None,
    timeout_s: Annotated[float, typer.Option("--timeout", min=1, help="Seconds for the job to end.")] = 600.0,
    as_json: AsJson = False,
) -> None:
    """See that it works: upload a photo, follow its status URL, and knock at the doors that must be shut."""
    from cli import deploy_smoke

    arguments = _arguments(context, name, location, parameters)
    checks = deploy_smoke.smoke(deploy_smoke.find(arguments), timeout_s)
    if as_json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        deploy_smoke.show(checks)
    raise typer.Exit(OK if all(check.passed for check in checks) else JOB_FAILED)
