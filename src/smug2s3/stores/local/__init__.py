"""The store in a folder: what a bucket does, done with files."""
