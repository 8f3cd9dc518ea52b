"""Images: from files and arrays to uint8 pixels, and from pixels to float32 examples of one size."""
