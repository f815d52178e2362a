"""ValidationPolicy and ValidationRun: what must be tested, and one execution of it."""
