"""What the programs here share: flags and exit statuses, jobs, measurements, plots, benchmarks."""
