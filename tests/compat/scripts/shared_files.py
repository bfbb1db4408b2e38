"""What the leader and jobs keep by name, files of the job store, and how much disk a job uses."""

import os
import sys

from toil.common import Toil
from toil.job import Job
from toil.jobStores.abstractJobStore import NoSuchFileException


def writer(job, source):
    store = job.fileStore.jobStore
    with store.read_shared_file_stream("settings", encoding="utf-8") as stream:
        settings = stream.read()
    with store.write_shared_file_stream("found", encoding="utf-8") as stream:
        stream.write(settings + "ä")
    with store.writeSharedFileStream("raw") as stream:
        stream.write(b"\x00\x01")
    assert job.fileStore.importFile(source, "again") is None
    try:
        with store.readSharedFileStream("nothing"):
            raise AssertionError("a shared file that is not there was read")
    except NoSuchFileException:
        pass
    with open("big", "wb") as out:
        out.write(os.urandom(1 << 20))
    assert job.fileStore.get_disk_usage() >= 1 << 20
    job.fileStore.startCommit()
    assert job.fileStore.waitForCommit()
    with store.write_file_stream(basename="part", encoding="utf-8") as (stream, part):
        stream.write("part")
    return store.write_file("big"), part


def reader(job, big, part):
    store = job.fileStore.jobStore
    assert store.file_exists(big)
    assert not store.file_exists("nothing")
    store.read_file(big, "copy")
    assert os.path.getsize("copy") == store.get_file_size(big) == 1 << 20
    with store.read_file_stream(part, encoding="utf-8") as stream:
        text = stream.read()
    store.delete_file(big)
    store.export_file(part, os.path.join(job.tempDir, "exported"))
    with open(os.path.join(job.tempDir, "exported")) as stream:
        assert stream.read() == text
    assert store.import_file(os.path.join(job.tempDir, "exported"), symlink=False).size == 4
    found = []
    for name in ("found", "raw", "again"):
        with store.read_shared_file_stream(name) as stream:
            found.append(stream.read())
    return found


def main(job, source):
    made = job.addChildJobFn(writer, source)
    return made.addChildJobFn(reader, made.rv(0), made.rv(1)).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    options.clean = "never"
    with Toil(options) as toil:
        assert toil.importFile(os.path.abspath("source"), sharedFileName="settings") is None
        assert toil.import_file("nowhere", check_existence=False) is None
        assert toil.config.jobStore == options.jobStore
        assert toil.config.workflowID
        print(toil.start(Job.wrapJobFn(main, os.path.abspath("source"))))
    kept = Toil.resumeJobStore(options.jobStore)
    with kept.read_shared_file_stream("found", encoding="utf-8") as stream:
        sys.stdout.write(stream.read() + "\n")
    assert kept.locator == Toil.canonical_locator(options.jobStore)
