"""What a run keeps, by upstream's names."""
