"""The simulator is tried over real sockets, signed by oauthlib, and by a client its authors did not write."""
