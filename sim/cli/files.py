"""Commands about files: the library, a new scenario, a check, the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.commands.common import print_object
from sim.cli.options import (
    Json,
    Quiet,
)


def scenarios(as_json: Json = False, quiet: Quiet = False) -> None:
    """List the scenarios of the library."""
    from sim.scenario.library import library_file, library_names, library_title

    found = [
        {"name": name, "title": library_title(name), "file": str(library_file(name))}
        for name in library_names()
    ]
    if as_json:
        print_object({"scenarios": found})
        return
    width = max((len(item["name"]) for item in found), default=0)
    for item in found:
        typer.echo(item["name"] if quiet else f"{item['name']:<{width}}  {item['title']}".rstrip())


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the new scenario. The file is NAME.yaml.")
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SCENARIO",
            help="Scenario file or library name to start from. Default: a small shop.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a commented scenario file to start from."""
    from sim.scenario.template import write_template

    file = write_template(name.removesuffix(".yaml"), Path(), replace=force, source=source)
    if as_json:
        print_object({"file": str(file)})
    elif not quiet:
        typer.echo(f"Wrote {file}. Next: journeysim check {file}")


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Scenario file or library name.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Validate a scenario file; list every error, or every doubtful value."""
    from sim.errors import note
    from sim.scenario.doubts import doubts
    from sim.scenario.load import load_scenario, origin_of, scenario_file

    path = scenario_file(file)
    scenario = load_scenario(path)
    found = doubts(scenario, origin_of(path))
    sizes = {
        "phases": len(scenario.journey.phases),
        "segments": len(scenario.segments),
        "offers": len(scenario.offers),
        "competitors": len(scenario.competitors),
        "touchpoints": len(scenario.touchpoints),
    }
    if as_json:
        told = [each.as_dict() for each in found]
        print_object(
            {"file": str(path), "scenario": scenario.name, "valid": True, **sizes, "doubts": told}
        )
    elif not quiet:
        counts = ", ".join(
            f"{count} {noun if count != 1 else noun[:-1]}" for noun, count in sizes.items()
        )
        typer.echo(f"{path} is a valid scenario: {counts}.")
    if not as_json:
        for each in found:
            note(each.sentence())


def schema(
    study: Annotated[
        bool, typer.Option("--study", help="Print the schema of study files.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of scenario files or study files, for editors."""
    if study:
        from sim.questions.levers.study_file import study_schema

        print_object(study_schema())
        return
    from sim.scenario.schema import Scenario as Schema

    print_object(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **Schema.model_json_schema(),
        }
    )
