"""The checks: one file each, named after what it finds; the catalog lists them."""
