"""What the functional tests and the benchmarks stand on: a daemon, ways to ask it, ways to wait."""
