"""Budget: the best split of a total, what is lost by another, and winning against keeping."""
