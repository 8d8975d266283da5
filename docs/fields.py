"""Write the tables of section 8 of model.md anew from the declarations: `python docs/fields.py`."""

from pathlib import Path

from sim.scenario.field_table import with_tables

PAGE = Path(__file__).parent / "model.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
