"""The numbers that a project is steered by, each with its formula; added up from MaskletFacts."""
