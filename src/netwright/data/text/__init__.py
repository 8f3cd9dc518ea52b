"""Texts: columns of a table or files in folders, as codes of a tokenizer that was trained on the training rows."""
