"""The page of a comparison side by side."""
