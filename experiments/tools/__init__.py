"""What the programs here share: flags, exit statuses, and the memory and devices of a process."""
