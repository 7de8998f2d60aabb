"""All that knows SmugMug."""
