"""What report.py is made of: runs as values, what is computed from them, and a page of HTML."""
