"""Other programs, really installed and run, with what the documents quote of them."""
