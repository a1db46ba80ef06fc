"""Plan-agnostic execution: journalled steps that survive a kill at any moment. Knows no AWS service by name."""
