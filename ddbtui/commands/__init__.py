"""The commands, one short file a group. Each is imported only when it is called."""
