"""Text-to-text image retrieval for remote-sensing archives.

>>> import trsllava
>>> archive = trsllava.open("./home")  # doctest: +SKIP
>>> archive.search("harbor with cranes")  # doctest: +SKIP
"""
