"""What every door of the site runs on: database faults, logs, probes, metrics. It knows nothing of organizations."""
