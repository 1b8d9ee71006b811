"""The web page: its sources in `src`, and in `dist` what is served, which `make page` builds of them."""
