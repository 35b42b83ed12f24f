"""Diagnostics computed from saved draws: editing them derives again, and samples nothing."""
