"""Place names and times in words, and the areas and dates that they stand for; offline."""
