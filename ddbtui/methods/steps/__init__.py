"""Steps that several methods share, and what they build on."""
