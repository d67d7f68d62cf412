"""The page and what is answered over HTTP. ``app`` lists every address; ``pages`` has a file for each page."""
