"""The page of a study: what tuning found, and what it says about the space."""
