"""The theme for eyes that need all the contrast there is."""

from __future__ import annotations

from textual.theme import Theme

THEMES = ("textual-dark", "textual-light", "high-contrast")
HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    warning="#ffff00",
    error="#ff8080",
    success="#80ff80",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    luminosity_spread=0.0,
    text_alpha=1.0,
    variables={
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#555500",
        "border": "#ffff00",
        "border-blurred": "#ffffff",
        "footer-background": "#000000",
        "footer-key-foreground": "#ffff00",
        "footer-description-foreground": "#ffffff",
        "input-cursor-background": "#ffff00",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#0000ff",
        "text-muted": "#ffffff",
        "text-success": "#80ff80",
        "text-warning": "#ffff00",
        "text-error": "#ff8080",
        "text-accent": "#00ffff",
        "text-disabled": "#c0c0c0",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)
