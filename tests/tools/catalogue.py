"""The Danish texts of reports, read from their catalogue."""

from pathlib import Path

from babel.messages.pofile import read_po

SIM = Path(__file__).parent.parent.parent / "sim"
CATALOGUE = SIM / "pages" / "words" / "languages" / "da.po"


def catalogue() -> list[tuple[str, str]]:
    """Every text and its translation; of what is counted, the form for one and for many."""
    with CATALOGUE.open("rb") as file:
        found = read_po(file, locale="da")
    pairs = []
    for message in found:
        ids, texts = message.id, message.string
        if isinstance(ids, tuple):
            assert len(ids) == len(texts) == found.num_plurals == 2
            pairs += list(zip(ids, texts, strict=True))
        elif ids:
            pairs.append((str(ids), str(texts)))
    return pairs
