"""The columns of an atlas's tables: what a start found, and what the distinct points are."""

import pyarrow as pa

_VECTOR = pa.list_(pa.float64())

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
    ]
)
"""One row per start."""

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
