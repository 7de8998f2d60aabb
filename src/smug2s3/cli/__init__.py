"""The command line: parse, build settings, call the app, print, exit code."""
