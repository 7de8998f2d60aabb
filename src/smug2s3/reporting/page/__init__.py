"""The report as one HTML page that needs nothing beside itself: records in, text out, no I/O but its own template."""
