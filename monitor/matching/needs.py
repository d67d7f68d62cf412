"""What must stand in an entry for it to answer a query: told from what a scan found, before any place is looked at.

Most entries of most feeds hold no name that a query asks for, and need not be asked further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.matching.syntax import Either, Every, Named, Near, Node, Scoped
from monitor.matching.terms import Term

#: A word written into a query counts as so many of a list when the rarest need is picked: it is one of the usual words.
#: Of 4,906 entries outside the shipped story 879 had to be asked its queries when it counted as 1, 564 when as 8.
INLINE = 8
#: Of each set at least one member must be present: a term's needle (see ``terms``), or the id of a topic or list. None
#: at all: the query may be answered whatever stands there.
Needs = tuple[frozenset[str], ...]


def needs(node: Node, sizes: Mapping[str, int]) -> Needs:
    """What the node needs. Nearness, order, fields and ``NOT`` are left aside: it may need more than this says.

    sizes  how many words each topic and list has
    """
    match node:
        case Term():
            return (frozenset({node.needle}),)
        case Named():
            return (frozenset({node.id}),)
        case Near():
            return needs(node.left, sizes) + needs(node.right, sizes)
        case Every():
            return tuple(need for part in node.parts for need in needs(part, sizes))
        case Either():
            return _either([needs(part, sizes) for part in node.parts], sizes)
        case Scoped(field="title" | "summary"):
            return needs(node.part, sizes)
    return ()


def _either(alternatives: Sequence[Needs], sizes: Mapping[str, int]) -> Needs:
    """One need that stands for all: of each alternative the one of fewest words, as long lists are of usual words."""
    if not all(alternatives):
        return ()
    rarest = [min(each, key=lambda need: sum(sizes.get(key, INLINE) for key in need)) for each in alternatives]
    return (frozenset().union(*rarest),)


def met(wanted: Needs, present: frozenset[str]) -> bool:
    return not any(map(present.isdisjoint, wanted))
