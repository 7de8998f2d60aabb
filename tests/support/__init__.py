"""What several suites share: servers on this machine, faults between them, and somebody who uses the command."""
