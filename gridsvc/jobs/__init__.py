"""Background work: steps of imports, in a queue that the database keeps (procrastinate)."""
