"""Compare: how variants of a market differ from the first, with the same luck in all."""
