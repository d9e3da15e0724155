"""The name by which programs know `Filters`; what they mean stands in `index.filters`, where stores read it too."""

from index.filters import NO_FILTERS, Filters

__all__ = ["NO_FILTERS", "Filters"]
