"""Reports of runs: Markdown, and one page of HTML."""
