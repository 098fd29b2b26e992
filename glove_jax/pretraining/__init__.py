"""Composes pretraining: settings, a corpus, a method's plan, and the export of what was learnt."""
