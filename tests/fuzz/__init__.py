"""Random damaged and hostile inputs for all readers; `fuzz.py` runs them."""
