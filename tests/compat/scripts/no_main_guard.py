from toil.common import Toil
from toil.job import Job

options = Job.Runner.getDefaultArgumentParser().parse_args()


def double(number):
    return 2 * number


with Toil(options) as toil:
    print(toil.start(Job.wrapFn(double, 21)))
