"""The lowest versions are read from pyproject.toml; `make lowest` tries them out."""

import pytest
from packaging.requirements import Requirement

from benchmarks.lowest import declared, lowest


def test_the_lowest_version_of_a_requirement() -> None:
    given = ["mesa>=3.3,<4", "numpy>=1.26", "ruamel.yaml ~= 0.18.6"]
    assert lowest(given) == ["mesa==3.3", "numpy==1.26", "ruamel.yaml==0.18.6"]


def test_a_requirement_without_a_lowest_version_is_refused() -> None:
    with pytest.raises(ValueError, match="numpy<3 declares no lowest version"):
        lowest(["numpy<3"])


def test_everything_that_the_project_needs_has_a_lowest_version() -> None:
    needs, admitted = declared()
    names = [Requirement(pin).name for pin in lowest(needs)]
    assert {"numpy", "psutil", "distributed"} <= set(names)
    assert "3.11.0" in admitted
