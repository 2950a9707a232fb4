"""The tables and charts of the site's pages, and the figures in them."""
