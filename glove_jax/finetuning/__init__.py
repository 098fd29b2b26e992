"""Composes fine-tuning: settings, labelled data, a method's plan, and the fine-tuned model."""
