"""What README and docs claim about speed, measured."""
