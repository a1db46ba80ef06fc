"""What the accounts hold at first."""
