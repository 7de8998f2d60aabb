"""SmugMug: its API, sign-in and media hosts."""
