"""The contracts between the core and its plugins, one module each."""
