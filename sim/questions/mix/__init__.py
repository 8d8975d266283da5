"""Mix: weeks of several regions for media mix models, and the truth behind them."""
