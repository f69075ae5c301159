"""The columns of an atlas's tables: what a start found, and what the distinct points are."""

import pyarrow as pa

_VECTOR = pa.list_(pa.float64())

INFINITY = pa.struct(
    [
        ("is_certified", pa.bool_()),
        ("runaway", pa.string()),  # `Runaway.label`
        ("clusters", pa.list_(pa.list_(pa.int32()))),  # neurons of a layer that merge
        ("loss", pa.float64()),  # of the limit
        ("gradient_norm", pa.float64()),  # in limit coordinates, as all that follows
        ("index", pa.int32()),
        ("nullity", pa.int32()),
        ("kind", pa.string()),
        ("coordinates", _VECTOR),
        ("eigenvalues", _VECTOR),
        ("distances", _VECTOR),  # along the channel, of the finite networks
        ("losses", _VECTOR),  # that have these losses
        ("largest", pa.float64()),  # parameter of the last of them
    ]
)
"""Where a start that ran to infinity leads."""

POINTS = pa.schema(
    [
        ("start", pa.int64()),
        ("theta", _VECTOR),
        ("loss", pa.float64()),
        ("gradient_norm", pa.float64()),
        ("eigenvalues", _VECTOR),  # ascending
        ("index", pa.int32()),
        ("nullity", pa.int32()),
        ("uncertain", pa.int32()),  # eigenvalues near the zero threshold
        ("threshold", pa.float64()),
        ("kind", pa.string()),
        ("outcome", pa.string()),  # `Outcome.label`
        ("steps", pa.int32()),
        ("neurons", pa.list_(pa.int32())),  # those running to infinity
        ("kinks", pa.int32()),  # samples within tolerance of a kink
        ("infinity", INFINITY),  # null for starts that did not run there; since format 2
    ]
)
"""One row per start."""

SINCE_FORMAT_2 = frozenset({"infinity"})
"""Columns that older atlases lack: read as null."""

CLASSES = pa.schema(
    [
        ("class", pa.int32()),
        ("loss", pa.float64()),
        ("gradient_norm", pa.float64()),
        ("index", pa.int32()),
        ("nullity", pa.int32()),
        ("kind", pa.string()),
        ("count", pa.int64()),
        ("copies", pa.string()),  # an exact integer, often far beyond 64 bits
        ("is_family", pa.bool_()),
        ("spread", pa.float64()),
        ("theta", _VECTOR),
        ("eigenvalues", _VECTOR),
        ("representative", pa.int64()),  # a start number
        ("members", pa.list_(pa.int64())),  # start numbers
    ]
)
"""One row per distinct critical point modulo symmetry."""
