"""How what a run made or changed is taken away again, and how it is told from what others made."""
