"""Pages and browser modules: they know the annotator through its HTTP API only."""
