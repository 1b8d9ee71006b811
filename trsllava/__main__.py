"""`python -m trsllava`."""

from trsllava.cli import main

main()
