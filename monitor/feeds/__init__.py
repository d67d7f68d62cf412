"""From an address to entries, and when to ask again.

    guard (addresses) -> fetch (compression, freshness) -> isolation -> parse -> polling

``parse`` decodes (``encoding``), leaves out the entries that stood in the last document just so (``known``), reads
the words of the others (``xmlfeed`` over ``xmltext``, ``jsonfeed``; both make ``raw`` values) and normalises them
(``text``, ``dates``, ``links``, ``identity``). Only ``guard``, ``fetch`` and ``isolation`` touch the world.
"""
