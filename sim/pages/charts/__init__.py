"""Drawings: what a page shows as a picture."""
