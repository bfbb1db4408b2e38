"""Small things that scripts use, by upstream's names."""
