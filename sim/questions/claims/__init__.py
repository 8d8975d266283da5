"""Claims: what is said of customer journeys, put to a market and judged."""
