"""The ways to move a table: one file a method; each declares what it is, what it keeps and loses, and its steps."""
