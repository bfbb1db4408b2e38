import argparse

from toil.common import Toil
from toil.job import Job

parser = argparse.ArgumentParser()
Job.Runner.addToilOptions(parser)


def double(number):
    return 2 * number


options = parser.parse_args()
with Toil(options) as toil:
    print(toil.start(Job.wrapFn(double, 21)))
