"""Maskloom on one machine: its own Postgres and Valkey, the web process and the workers.

Standard library only. `setup` runs before anything is installed; then `__main__` starts the
`services`, prepares the database, and hands all `processes` to the `supervisor`.
"""
