"""The ground of every door: database faults, logs, probes, metrics. It knows nothing of organizations."""
