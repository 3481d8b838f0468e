"""Dataset formats: masklets in, bytes out. Pure functions, with no database and no Django."""
