"""Choosing where on the Earth to sample: three strategies behind one interface, and what is made of their points."""
