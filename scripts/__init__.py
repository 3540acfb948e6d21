"""Tools of the source: models for tests and timing, measurements, the set-up."""
