"""Options: declared once as dataclasses, read from defaults, file, environment and command line."""
