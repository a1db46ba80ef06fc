"""Two simulated AWS accounts in a process of their own, for the demo and the tests.

Nothing in the product imports this package but the commands that start it: it is reached by endpoint and profiles.
"""
