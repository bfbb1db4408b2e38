"""A batch system of upstream's kind that runs commands on this machine, two at a time; and a workflow that uses it."""

import queue
import subprocess
import threading

from toil.batchSystems.abstractBatchSystem import BatchJobExitReason, BatchSystemSupport, UpdatedBatchJobInfo
from toil.batchSystems.registry import add_batch_system_factory
from toil.common import Toil
from toil.job import Job


class TwoAtATime(BatchSystemSupport):
    def __init__(self, config, maxCores, maxMemory, maxDisk):
        super().__init__(config, maxCores, maxMemory, maxDisk)
        self.lock = threading.Lock()
        self.waiting = {}
        self.running = {}
        self.killed = set()
        self.over = queue.Queue()
        self.threads = []
        self.last = 0

    def issueBatchJob(self, command, job_desc, job_environment=None):
        self.check_resource_request(job_desc)
        with self.lock:
            self.last += 1
            self.waiting[self.last] = (command, job_desc)
            self.start_some()
            return self.last

    def start_some(self):
        while self.waiting and len(self.running) < 2:
            number = min(self.waiting)
            command, description = self.waiting.pop(number)
            print("started", description.jobName, description.cores, flush=True)
            process = subprocess.Popen(["setsid", "sh", "-c", f"exec {command}"])
            self.running[number] = process
            thread = threading.Thread(target=self.watch, args=(number, process))
            self.threads.append(thread)
            thread.start()

    def watch(self, number, process):
        status = process.wait()
        with self.lock:
            del self.running[number]
            if number not in self.killed:
                reason = BatchJobExitReason.FINISHED if status == 0 else BatchJobExitReason.FAILED
                self.over.put(UpdatedBatchJobInfo(jobID=number, exitStatus=status, wallTime=None, exitReason=reason))
            self.start_some()

    def killBatchJobs(self, jobIDs):
        with self.lock:
            for number in jobIDs:
                self.waiting.pop(number, None)
            ending = [self.running[number] for number in jobIDs if number in self.running]
            self.killed.update(jobIDs)
        for process in ending:
            process.terminate()  # the worker ends its job with all its processes
        for process in ending:
            process.wait()

    def getIssuedBatchJobIDs(self):
        return [*self.waiting, *self.running]

    def getRunningBatchJobIDs(self):
        return dict.fromkeys(self.running, 0.0)

    def getUpdatedBatchJob(self, maxWait):
        try:
            return self.over.get(timeout=maxWait)
        except queue.Empty:
            return None

    def shutdown(self):
        for thread in self.threads:
            thread.join()


add_batch_system_factory("two_at_a_time", lambda: TwoAtATime)


def add(job, one, other, cores=0.5):
    return one + other


def main(job):
    return job.addFollowOnJobFn(add, job.addChildJobFn(add, 1, 2).rv(), job.addChildJobFn(add, 3, 4).rv()).rv()


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print(toil.start(Job.wrapJobFn(main, cores=1)))
