"""Sammati: consent and data governance that is enforced. Nothing is imported here: set-up runs before anything is installed."""
