"""The use cases: copy an account, copy one asset, verify."""
