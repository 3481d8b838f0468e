"""The JSON form of what is stored, the same in answers of the API and in events. docs/api.md explains each."""
