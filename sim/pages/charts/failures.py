"""What a page says in the place of a part that could not be made, and what the user is told.

A page, and the runs behind it, are worth more than one of its pictures or sections.
"""

from __future__ import annotations

from sim.errors import SHOWN_DETAIL, note, shown
from sim.pages.words.language import say


def tell_picture(name: str, error: Exception) -> str:
    """Tell the user that the picture `name` is missing; returns what stands in its place."""
    why = reason(error)
    note(f"the picture {name} could not be drawn: {why}")
    return say("This picture could not be drawn: {why}.", why=why)


def tell_file(name: str, error: Exception) -> None:
    """Tell the user that the picture `name` is not among the files."""
    note(f"the picture {name} could not be written as a file: {reason(error)}")


def tell_section(name: str, error: Exception) -> str:
    """Tell the user that the section `name` is missing; returns what stands in its place."""
    why = reason(error)
    note(f"the section {name} could not be made: {why}")
    return say("This section could not be made: {why}.", why=why)


def reason(error: Exception) -> str:
    """What went wrong, on one line and without a full stop."""
    text = " ".join(str(error).split()).rstrip(".")
    return shown(text or type(error).__name__, SHOWN_DETAIL)
