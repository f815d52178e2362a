"""Statistical tests and measures: functions on arrays, one promise each, known by name."""
