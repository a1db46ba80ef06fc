"""The wizard: Textual screens over `ddbtui.service`."""
