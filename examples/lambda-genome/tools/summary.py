"""Put the frames' results together: ``summary.py GENES USAGE...`` prints a report as Markdown.

GENES is the table of all genes, each USAGE one frame's count of codons inside its genes.
"""

import sys
from collections import Counter


def main() -> None:
    """Print the report."""
    genes_path, *usage_paths = sys.argv[1:]
    with open(genes_path) as table:
        genes = [line.split("\t") for line in table.read().splitlines()[1:]]
    usage: Counter[str] = Counter()
    for path in usage_paths:
        with open(path) as counts:
            for line in counts:
                count, codon = line.split()
                usage[codon] += int(count)
    lengths = sorted((int(gene[4]) for gene in genes), reverse=True)
    forward = sum(gene[2] == "+" for gene in genes)
    total = sum(usage.values())
    print("# Possible genes of phage lambda\n")
    print(f"{len(genes)} open reading frames: {forward} forward, {len(genes) - forward} on the opposite strand.")
    print(f"The longest have {', '.join(str(length) for length in lengths[:5])} bases.\n")
    print("| codon | count | share |\n|---|---|---|")
    for codon, count in sorted(usage.items(), key=lambda item: (-item[1], item[0]))[:10]:
        print(f"| {codon} | {count} | {100 * count / total:.2f} % |")


main()
