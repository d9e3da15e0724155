"""How fast it is, as ratios inside one run: `bench`, `load`, and beside another library."""
