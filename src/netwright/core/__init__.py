"""What every room stands on: controls, errors, the catalog, safe files."""
