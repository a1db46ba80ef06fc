"""How a run is told: plain lines, JSON lines, the final report."""
