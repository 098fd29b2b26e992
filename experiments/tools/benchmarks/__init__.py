"""What benchmark.py measures: a module for each kind of work."""
