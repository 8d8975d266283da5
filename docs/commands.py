"""Write the options in commands.md from the commands themselves: `python docs/commands.py`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from sim.cli import app

PAGE = Path(__file__).parent / "commands.md"
HEADING = "## Options"
SHARED = "The same in every command that has it:"
AMONG = 4  # commands that have an option alike: it stands in the table of shared options
HELP = ["--help"]
COLUMNS = "| option | meaning | default |\n|---|---|---|"


def commands() -> Mapping[str, Any]:
    """The commands by name, in the order of the help."""
    group: Any = typer.main.get_command(app)
    found: Mapping[str, Any] = group.commands
    return found


def options_of(command: Any) -> list[Any]:
    """What a command shows of its options, its arguments first."""
    return [
        one
        for one in command.params
        if not getattr(one, "hidden", False) and getattr(one, "help", None) and one.opts != HELP
    ]


def written(one: Any) -> str:
    """An option or argument as it is typed."""
    if one.param_type_name == "argument":
        return f"`{one.metavar or one.name}`"
    names = "`, `".join([*one.opts, *one.secondary_opts])
    if getattr(one, "is_flag", False):
        return f"`{names}`"
    return f"`{names} {(one.metavar or 'N').replace('|', '&#124;')}`".replace("&#124;", "\\|")


def row(one: Any) -> str:
    """A row of a table: an option, its meaning and its default."""
    meaning, _, default = one.help.partition(" Default: ")
    if getattr(one, "required", False):
        default = "required"
    elif not default and getattr(one, "is_flag", False):
        default = "on" if one.default else "off"
    elif not default and one.default is not None:
        default = f"`{one.default}`"
    return f"| {written(one)} | {meaning} | {default.rstrip('.') or '-'} |"


def shared() -> list[str]:
    """The rows that many commands have alike, in the order in which they come."""
    rows = [row(one) for command in commands().values() for one in options_of(command)]
    return [each for each in dict.fromkeys(rows) if rows.count(each) >= AMONG]


def options() -> str:
    """All that stands below the heading."""
    alike = shared()
    parts = [SHARED, "\n".join([COLUMNS, *alike])]
    for name, command in commands().items():
        ones = {row(one): one for one in options_of(command)}
        own = [each for each in ones if each not in alike]
        also = [
            written(one).split(" ")[0].strip("`,") for each, one in ones.items() if each in alike
        ]
        parts += [f"### {name}", command.help.partition("\n\n")[0].replace("\n", " ")]
        parts += ["\n".join([COLUMNS, *own])] if own else []
        parts += ["Also " + ", ".join(f"`{each}`" for each in also) + "."] if also else []
    return "\n\n".join(parts)


def page(before: str) -> str:
    """The page with the options of today."""
    head, heading, _ = before.partition(f"\n{HEADING}\n")
    if not heading:
        raise ValueError(f"{PAGE} has no heading {HEADING!r}")
    return f"{head}{heading}\n{options()}\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
