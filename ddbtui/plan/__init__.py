"""The plan: what was asked, as one validated object and one YAML file."""
