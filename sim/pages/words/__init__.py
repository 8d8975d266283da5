"""What is said: languages, names, numbers, and words for what is measured."""
