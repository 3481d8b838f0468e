"""Maskloom's Django project and its one app.

Import direction: api | tasks -> services -> inference | events | transitions -> selectors -> models.
Every layer holds the same nouns under the same file names; the noun that causes a change owns the verb.
"""
