"""What may be asked: named reads. They change nothing."""
