"""Figures of the product: what it answers, how well and how fast. Nothing here changes an answer."""
