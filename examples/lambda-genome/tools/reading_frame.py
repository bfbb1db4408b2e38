"""Write one reading frame of a genome: the bases of one strand from an offset on, three a line.

``reading_frame.py GENOME FRAME``, where FRAME is 1, 2, 3 or, for the opposite strand, -1, -2, -3.
"""

import sys

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def main() -> None:
    """Print one codon a line."""
    path, frame = sys.argv[1], int(sys.argv[2])
    with open(path) as genome:
        bases = "".join(line.strip().upper() for line in genome if not line.startswith(">"))
    if frame < 0:
        bases = bases.translate(COMPLEMENT)[::-1]
    start = abs(frame) - 1
    for position in range(start, len(bases) - 2, 3):
        print(bases[position : position + 3])


main()
