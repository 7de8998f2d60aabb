"""The use cases: move an account, move one asset, verify."""
