"""The library for the blob service, in our words. Nothing outside this folder knows it."""
