"""The report as one self-contained HTML page: records in, text out, no I/O except its templates."""
