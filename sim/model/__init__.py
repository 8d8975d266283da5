"""The rules of the market: small scalar functions without state, one concept a file."""
