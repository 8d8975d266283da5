"""Touchpoints: what each truly adds, what analytics would credit, and the next krone."""
