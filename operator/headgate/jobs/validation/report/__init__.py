"""What is handed back: report.json for machines, report.html for people, a summary for status."""
