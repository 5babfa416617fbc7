"""Attention and the Transformer. Chapter 8."""
