"""The engine and its markets outside Python: compiled to WebAssembly, memory as bytes."""
