"""What the core itself brings, registered as any plugin is."""
