"""Move DynamoDB tables between AWS accounts."""

__version__ = "0.1.0"
