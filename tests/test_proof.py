"""Nothing that a user or another program sees changes by accident: `tests/proof.py`."""

from proof import differing


def test_nothing_has_changed() -> None:
    """What is to change is changed in the list too: `python tests/proof.py --write`."""
    assert differing() == []
