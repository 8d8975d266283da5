"""The fast engine: the rules compiled over plain arrays."""

from sim.compile_cache import SOURCES, cache_folder, source_files, source_hash

__all__ = ["SOURCES", "cache_folder", "source_files", "source_hash"]
