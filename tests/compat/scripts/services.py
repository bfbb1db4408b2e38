"""A server that runs while the jobs that ask it do, and a second one that needs the first."""

import os
import socket
import threading
import time

from toil.common import Toil
from toil.job import Job
from toil.realtimeLogger import RealtimeLogger

NOTES = os.path.abspath("notes")


def note(text):
    with open(NOTES, "a") as notes:
        notes.write(text + "\n")


class Server(Job.Service):
    def __init__(self, name, behind=None):
        Job.Service.__init__(self, memory="100M", cores=0.2, disk="10M")
        self.name = name
        self.behind = behind

    def start(self, job):
        assert os.path.isdir(job.tempDir)
        self.thread_of_start = threading.get_ident()
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.answer, daemon=True).start()
        note(f"{self.name} starts behind {ask(self.behind) if self.behind else 'nobody'}")
        return {"port": self.server.getsockname()[1]}

    def answer(self):
        while True:
            caller, _ = self.server.accept()
            with caller:
                caller.sendall(self.name.encode())

    def check(self):
        return True

    def stop(self, job):
        assert self.thread_of_start == threading.get_ident()
        job.fileStore.logToMaster(f"{self.name} has stopped")
        self.server.close()
        note(f"{self.name} stops")


def ask(where):
    with socket.create_connection(("127.0.0.1", where["port"])) as channel:
        return channel.recv(100).decode()


def client(job, where, memory="100M", cores=0.2, disk="10M"):
    RealtimeLogger.info("asking at %.0f", time.time())
    note(f"{ask(where)} was asked")
    return ask(where)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    root = Job()
    back = Server("back")
    back_port = root.addService(back)
    front_port = root.addService(Server("front", back_port), parentService=back)
    child = root.addChildJobFn(client, front_port)
    last = root.addFollowOnJobFn(client, back_port)
    with Toil(options) as toil:
        toil.start(root)
