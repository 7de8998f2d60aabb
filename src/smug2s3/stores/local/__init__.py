"""A folder as destination: what a bucket does, done with files."""
