"""From an address to entries, and when to ask again.

    guard (addresses) -> fetch (compression, freshness) -> isolation -> parse -> polling

``parse`` decodes (``encoding``), reads the words of a document (``xmlfeed`` over ``xmltext``, ``jsonfeed``; both make
``raw`` values) and normalises them (``text``, ``dates``, ``links``, ``identity``). Only ``guard``, ``fetch`` and
``isolation`` touch the world.
"""
