"""Scripted people who work through the HTTP API, as everybody does: no model, no service, no database."""
