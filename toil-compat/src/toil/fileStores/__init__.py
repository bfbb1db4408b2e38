"""Files of a workflow, by upstream's names."""

from toil.fileStores.fileID import FileID

__all__ = ["FileID"]
