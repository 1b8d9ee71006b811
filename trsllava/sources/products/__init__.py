"""Products as their makers deliver them, of several files each: one module a product."""
