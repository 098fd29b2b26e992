"""What the programs of experiments/ share: flags, exit statuses and the memory and devices of a process."""
