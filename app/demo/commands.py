"""`tandem demo`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click

from app.config import Settings
from app.demo.api import Person
from app.demo.crm import CHANNEL_MANAGER, Crm
from app.demo.dealing import FIRST_PARTNER, Dealing
from app.demo.house import running_web
from app.demo.joining import Joining
from app.demo.opening import Opening
from app.demo.scene import Scene, partner_user
from app.demo.sharing import Sharing
from app.demo.telling import Teller, Told, shown
from app.services.binaries import Choice
from app.services.state import STATE
from app.services.supervisor import Stopped


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demo. needs: names of steps without which it cannot be tried."""

    name: str
    title: str
    action: Callable[[], Told]
    needs: tuple[str, ...] = ()


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Verify every step, print a table, and stop; 1 if any failed.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write what is told as SVG.")
@click.option(
    "--programs",
    type=click.Choice(list(get_args(Choice))),
    default="auto",
    envvar="TANDEM_PROGRAMS",
    help="PostgreSQL and Valkey of this machine, of the wheels, or the first that is there (auto).",
)
@click.pass_context
def demo(context: click.Context, once: bool, picture: Path | None, programs: Choice) -> None:
    """The whole product on this machine, with its dealing.

    Starts PostgreSQL, Valkey, a local Salesforce org, the API, a worker and the scheduler; keeps both sides
    the same; tells what a partner, a rep and an approver do, and proves each step by asking the org. Then
    everything stays until Ctrl-C. Data is kept in TANDEM_DATA_DIR, `.data` in the project.
    """
    if context.invoked_subcommand is not None:
        return
    settings = Settings.from_env()
    teller = Teller.on_terminal(picture=picture is not None)
    stopped = False
    with ExitStack() as stack:
        opening = Opening(settings, programs, stack, teller.note, teller.show)
        try:
            tell(teller, steps(opening))
            teller.table()
            if teller.failed and opening.started:
                teller.note(f"\nA step failed. The logs are in {shown(settings.data_dir / 'logs')}.")
            elif not once and not teller.failed:
                addresses(teller, opening)
                opening.house.supervisor.watch()
        except Stopped:
            stopped = True
            teller.note("\nstopped before the end")
        if opening.started:
            teller.note("\nstopping everything")
    if picture is not None:
        teller.save_picture(picture)
    if teller.failed or (once and stopped):
        sys.exit(1)


@demo.command()
@click.argument("username", required=False)
def token(username: str | None) -> None:
    """Sign in as USERNAME through the running demo's org, and print the access token: 15 minutes.

    Without a name it is a seller of Lone Star Controls, a partner. The channel manager, who decides, is
    channel.manager@arden-industrial.example.
    """
    data_dir = Settings.from_env().data_dir
    web = running_web(data_dir)
    crm = Crm.read(data_dir / "org")
    try:
        click.echo(Person.sign_in(web, crm, username or partner_user(crm, FIRST_PARTNER)).token)
    finally:
        crm.close()


def addresses(teller: Teller, opening: Opening) -> None:
    """Say where everything is and how to get in."""
    house, crm = opening.house, opening.crm
    tandem = shlex.quote(shown(Path(sys.executable).with_name("tandem")))
    if os.environ.get("TANDEM_DATA_DIR"):
        tandem = f"TANDEM_DATA_DIR={shlex.quote(str(house.settings.data_dir))} {tandem}"
    lines = (
        ("pages", house.pages),
        ("API", f"{house.web}/api/deals, described in {house.web}/openapi.json"),
        ("", f'curl -H "Authorization: Bearer $({tandem} demo token)" {house.web}/api/deals'),
        ("", f"the channel manager's token: {tandem} demo token {CHANNEL_MANAGER}"),
        ("org", f"{crm.http} and {crm.https} (its authority: {shown(Path(crm.ca))})"),
        ("sync", f"{tandem} sync status"),
        (
            "data",
            f"{shown(house.settings.data_dir)}; addresses and passwords of PostgreSQL and Valkey in {STATE}",
        ),
    )
    teller.note("")
    for name, line in lines:
        teller.note(f"{name:<5} {line}")
    teller.note("\nEverything runs. Ctrl-C stops it; the data stay.")


def steps(opening: Opening) -> list[Step]:
    """The demo in its order."""
    scene = Scene(opening)
    joining, dealing, sharing = Joining(scene), Dealing(scene), Sharing(scene)
    return [
        Step("services", "PostgreSQL and Valkey run", opening.services),
        Step("database", "The database is up to date", opening.upgrade, ("services",)),
        Step("org", "A Salesforce org runs on this machine", opening.org, ("services",)),
        Step("connect", "Tandem is connected to the org", opening.connect, ("org",)),
        Step("sync", "First sync", opening.first_sync, ("database", "connect")),
        Step("counts", "What the org has is here", opening.same_counts, ("sync",)),
        Step("trust", "Tandem believes the org's word for its users", opening.trust, ("sync",)),
        Step("programs", "The API, a worker and the scheduler run", opening.programs, ("database",)),
        Step("pages", "The Lightning pages are in the browser", opening.pages, ("trust", "programs")),
        Step("apply", "A company applies to be a partner", joining.apply, ("trust", "programs")),
        Step("two levels", "Two levels decide, one of them in Salesforce", joining.decide, ("apply",)),
        Step("accept", "The agreement is accepted", joining.accept, ("two levels",)),
        Step("partner", "Its level and activation are in the org", joining.in_the_org, ("accept",)),
        Step("sign in", "A partner signs in", dealing.sign_in, ("trust", "programs")),
        Step("register", "The partner registers a deal", dealing.register, ("sign in",)),
        Step("overlap", "A second partner claims the same customer", dealing.overlap, ("register",)),
        Step("approve", "Two people approve, by its amount", dealing.approve, ("register",)),
        Step("arrive", "Lead and opportunity are in the org", dealing.in_the_org, ("approve",)),
        Step("list", "A rep lists the partner's deals in the org", dealing.listed, ("arrive",)),
        Step("stage", "A rep's change comes back", dealing.stage_comes_back, ("arrive",)),
        Step("both", "One account, changed on both sides", sharing.both_sides, ("sync", "programs")),
        Step("quiet", "Nothing is left to write", sharing.quiet, ("sync", "programs")),
    ]


def tell(teller: Teller, story: list[Step]) -> None:
    """Run the steps in order; what needs a failed one is not tried."""
    missing: set[str] = set()
    for step in story:
        if missing & set(step.needs):
            missing.add(step.name)
            teller.skip(step.title)
        elif not teller.step(step.title, step.action):
            missing.add(step.name)
