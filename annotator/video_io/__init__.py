"""Pure functions over media files: a source file in; a working video, its frames and facts out.

Nothing here knows Django or the database. The entry point is `ingest.ingest_file`.
"""
