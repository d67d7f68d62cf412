"""One file a page: gather from storage, make a view value, show a template."""
