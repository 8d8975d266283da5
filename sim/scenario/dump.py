"""YAML text that loads again as what it was: a complete `Scenario`, or any plain data."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from sim.scenario.schema import Scenario
from sim.scenario.yaml_text import plain_scalar

WIDTH = 4096  # long enough that the emitter folds no text
FLOW_LENGTH = 90  # a group of scalars this short goes on one line


class _Representer(RoundTripRepresenter):
    """Writes an absent value as `null` rather than as nothing."""

    def represent_none(self, data: None) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.represent_none)


def dump_scenario(scenario: Scenario) -> str:
    """The scenario as YAML. `parse_scenario` of it gives an equal scenario."""
    return dump_data(scenario.model_dump(mode="json"))


def dump_data(data: Mapping[str, Any]) -> str:
    """Mappings, lists, texts, numbers and None as YAML, in the order given."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(_dressed(data, top=True), text)
    return text.getvalue()


def _dressed(value: Any, top: bool = False) -> Any:
    """`value` with the style in which a reader likes to see it."""
    if isinstance(value, dict):
        mapping = CommentedMap((key, _dressed(item)) for key, item in value.items())
        if not top and _is_short(value.values(), sum(len(key) + 4 for key in value)):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_dressed(item) for item in value)
        if _is_short(value, 0):
            sequence.fa.set_flow_style()
        return sequence
    return _quoted(value) if isinstance(value, str) else value


def _is_short(values: Any, length: int) -> bool:
    if any(isinstance(value, dict | list) for value in values):
        return False
    return length + sum(len(str(value)) + 2 for value in values) <= FLOW_LENGTH


def _quoted(text: str) -> Any:
    """`text` in a style that our own reading turns into the same text again."""
    lines = text.split("\n")
    if len(lines) > 1 and all(line.isprintable() and line == line.strip() for line in lines):
        if text.strip("\n") and not text.startswith("\n"):
            return LiteralScalarString(text)
        return DoubleQuotedScalarString(text)
    try:
        plain = plain_scalar(text) == text and text.isprintable() and text == text.strip()
    except ValueError:
        plain = False
    return text if plain else DoubleQuotedScalarString(text)
