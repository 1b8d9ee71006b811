"""CISEN: an enhanced visual side over a frozen image-text network (Zhao et al., "LuojiaHOG", arXiv 2403.10887)."""
