"""Asyncio machinery that knows neither SmugMug nor S3."""
