"""What must hold before a step may start: one file a subject, with checks, remedies and their access."""
