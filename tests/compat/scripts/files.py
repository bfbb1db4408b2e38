"""All that a job does with files."""

import io
import logging
import os
from pathlib import Path

from toil.common import Toil
from toil.fileStores import FileID
from toil.fileStores.abstractFileStore import AbstractFileStore
from toil.job import Job
from toil.jobStores.abstractJobStore import NoSuchFileException


def everything(job, source):
    store = job.fileStore
    assert isinstance(store, AbstractFileStore)
    assert store.getLocalTempDir() != store.getLocalTempDir()
    assert os.getcwd() == os.path.realpath(store.localTempDir)
    store.log_user_stream("tool", io.BytesIO(b"said a line\nand another\n"))
    store.logToMaster("told by its older name", level=logging.WARNING)
    by_keywords(store)
    scratch = store.getLocalTempFile()
    with open(scratch, "w") as out:
        out.write("What a tangled web we weave")
    written = store.writeGlobalFile(scratch)
    assert isinstance(written, FileID)
    assert written.size == store.getGlobalFileSize(written) == 27
    copy = os.path.join(job.tempDir, "copy.txt")
    assert store.readGlobalFile(written, copy) == copy
    with open(scratch, "w") as out:
        out.write("long " * 20000)
    long = store.writeGlobalFile(scratch)
    hard, soft = store.readGlobalFile(long), store.readGlobalFile(long, symlink=True)
    assert (os.path.islink(hard), os.path.islink(soft), os.path.samefile(hard, soft)) == (False, True, True)
    assert not os.path.samefile(hard, store.readGlobalFile(long, mutable=True))
    mutable = store.readGlobalFile(written, mutable=True)
    with open(mutable, "a") as out:
        out.write(", indeed")
    assert open(store.readGlobalFile(written, cache=False)).read() == "What a tangled web we weave"
    with store.readGlobalFileStream(written) as stream:
        assert stream.read(4) == b"What"
    with store.readGlobalFileStream(str(written), encoding="utf-8") as stream:
        assert stream.readline() == "What a tangled web we weave"
    with store.writeGlobalFileStream() as (stream, binary):
        stream.write(b"Out damned spot")
    with store.writeGlobalFileStream(encoding="utf-8") as (stream, text):
        stream.write("Die Würfel sind gefallen")
    assert text.size == 25
    store.deleteLocalFile(written)
    assert not os.path.exists(scratch)
    assert not os.path.exists(copy)
    try:
        store.deleteLocalFile(written)
    except OSError:
        pass
    else:
        raise AssertionError("a second deleteLocalFile passed")
    store.deleteGlobalFile(written)
    deleted_is_gone(store, written)
    reader = job.addChildJobFn(read, binary, FileID.unpack(binary.pack()).size, text, source)
    return reader.rv(), binary


def deleted_is_gone(store, deleted):
    for error in (NoSuchFileException, FileNotFoundError):
        try:
            store.readGlobalFile(deleted)
        except error:
            pass
        else:
            raise AssertionError("a file was read that the job had deleted")
    try:
        with store.readGlobalFileStream(str(deleted)):
            pass
    except FileNotFoundError:
        return
    raise AssertionError("a file was streamed that the job had deleted")


def by_keywords(store):
    """All methods as callers that name the arguments call them."""
    name = store.getLocalTempFileName(suffix=".txt", prefix="named")
    with open(name, "w") as out:
        out.write("named")
    made = store.writeGlobalFile(localFileName=name, cleanup=True, hints=None)
    with store.writeGlobalFileStream(cleanup=True, basename="b", hints=None, encoding="ascii", errors="replace") as (
        stream,
        streamed,
    ):
        stream.write("ä")
    assert store.getGlobalFileSize(fileStoreID=streamed) == 1
    target = os.path.join(store.getLocalTempDir(), "target")
    assert store.readGlobalFile(fileStoreID=made, userPath=target, cache=True, mutable=False, symlink=True) == target
    with store.readGlobalFileStream(fileStoreID=streamed, encoding="ascii", errors="strict") as stream:
        assert stream.read() == "?"
    exported = os.path.join(store.getLocalTempDir(), "exported")
    store.exportFile(jobStoreFileID=made, dstUrl="file://" + exported)
    imported = store.importFile(srcUrl="file://" + exported, sharedFileName=None, symlink=False)
    assert imported.size == store.import_file(src_uri=exported).size == 5
    store.export_file(jobStoreFileID=made, dstUrl=Path(exported + ".2"))
    assert store.import_file(Path(exported + ".2")).size == 5
    store.deleteLocalFile(fileStoreID=made)
    store.deleteGlobalFile(fileStoreID=made)


def read(job, binary, size, text, source):
    with job.fileStore.readGlobalFileStream(binary) as stream:
        assert stream.read() == b"Out damned spot"
    assert size == 15 == job.fileStore.getGlobalFileSize(binary)
    with open(job.fileStore.readGlobalFile(text), encoding="utf-8") as found:
        assert found.read() == "Die Würfel sind gefallen"
    name = job.fileStore.getLocalTempFileName(suffix=".up")
    with open(job.fileStore.readGlobalFile(source)) as found, open(name, "w") as out:
        out.write(found.read().upper())
    return job.fileStore.writeGlobalFile(name)


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--input")
    parser.add_argument("--output")
    options = parser.parse_args()
    with Toil(options) as toil:
        given = toil.importFile("file://" + os.path.abspath(options.input))
        upper, binary = toil.start(Job.wrapJobFn(everything, given))
        toil.exportFile(upper, "file://" + os.path.abspath(options.output))
        toil.export_file(binary, os.path.abspath(options.output) + ".binary")
