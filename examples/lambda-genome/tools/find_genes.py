"""Find open reading frames: from a start codon to the next stop codon, long enough to be a gene.

``find_genes.py CODONS FRAME GENOME_LENGTH SHORTEST`` prints a line for each: first base, last base
(both counted from 1 on the given strand, as sequence databases do), strand, frame, length in bases.
"""

import sys

STARTS = {"ATG", "GTG"}
STOPS = {"TAA", "TAG", "TGA"}


def main() -> None:
    """Print the genes of one frame, tab-separated."""
    path, frame, genome_length, shortest = sys.argv[1], *(int(argument) for argument in sys.argv[2:5])
    start = None
    with open(path) as codons:
        for index, codon in enumerate(line.strip() for line in codons):
            position = abs(frame) - 1 + 3 * index
            if codon in STARTS and start is None:
                start = position
            elif codon in STOPS and start is not None:
                end = position + 3
                if end - start >= shortest:
                    first, last = (start + 1, end) if frame > 0 else (genome_length - end + 1, genome_length - start)
                    print(first, last, "+" if frame > 0 else "-", frame, end - start, sep="\t")
                start = None


main()
