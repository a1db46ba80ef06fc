"""What must hold before a step may start: one file a subject; each declares its check, its remedy and the access both need."""
