"""The small library beside the workflow's names: accelerators, threads, tries, sizes."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.error
from email.message import Message

import pytest

import toil.lib.accelerators as accelerators
import toil.lib.humanize
import toil.lib.retry
from toil.lib.conversions import bytes2human, convert_units, hms_duration_to_seconds
from toil.lib.retry import ErrorCondition, get_error_code, old_retry, retry
from toil.lib.threading import ExceptionalThread, LastProcessStandingArena, cpu_count, global_mutex
from toil_core.errors import UsageError
from toil_core.system.retry import Patience

SMI = "#!/bin/sh\nexit 0\n"


def test_devices_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(accelerators, "nvidia_devices", lambda: ("1", "GPU-5"))
    monkeypatch.setattr(accelerators, "amd_devices", lambda: ("0",))
    assert (accelerators.count_nvidia_gpus(), accelerators.count_amd_gpus()) == (2, 1)
    assert accelerators.get_host_accelerator_numbers() == [1, 1, 0]
    nvidia = {"count": 1, "kind": "gpu", "brand": "nvidia", "api": "cuda"}
    amd = {"count": 1, "kind": "gpu", "brand": "amd", "api": "rocm"}
    assert accelerators.get_individual_local_accelerators() == [nvidia, nvidia, amd]
    environment = accelerators.get_restrictive_environment_for_local_accelerators({2, 0})
    assert set(environment.values()) == {"0,2"}
    assert {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"} < set(environment)


def test_the_program_of_the_devices_works_or_does_not(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not accelerators.have_working_nvidia_smi()
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert not accelerators.have_working_nvidia_smi()
    (tmp_path / "nvidia-smi").write_text(SMI)
    assert accelerators.have_working_nvidia_smi()


def test_a_thread_raises_where_it_is_joined():
    def fail():
        raise ValueError("in the thread")

    thread = ExceptionalThread(target=fail)
    thread.start()
    with pytest.raises(ValueError, match="in the thread"):
        thread.join()
    thread.join()

    class Fine(ExceptionalThread):
        def tryRun(self):
            self.did = True

    fine = Fine()
    fine.start()
    fine.join()
    assert fine.did
    assert cpu_count() >= 1


def test_one_process_at_a_time_holds_a_mutex(tmp_path):
    entered = threading.Event()

    def second():
        with global_mutex(tmp_path, "name"):
            entered.set()

    with global_mutex(tmp_path, "name"):
        thread = ExceptionalThread(target=second)
        thread.start()
        with global_mutex(tmp_path, "another name"):
            assert not entered.is_set()
    thread.join()
    assert entered.is_set()


STAY = """
import sys
from toil.lib.threading import LastProcessStandingArena
arena = LastProcessStandingArena(sys.argv[1], "arena")
arena.enter()
print("inside", flush=True)
sys.stdin.readline()
print(list(arena.leave()))
"""


def test_the_last_process_to_leave_cleans_up(tmp_path):
    arena = LastProcessStandingArena(tmp_path, "arena")
    arena.enter()
    command = [sys.executable, "-c", STAY, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "inside\n"
        assert list(arena.leave()) == []
        said, _ = other.communicate("leave\n", timeout=60)
    assert said == "[True]\n"
    assert list(arena.leave()) == []


class Failing:
    """Raises the errors it is given, one a call, and then returns."""

    def __init__(self, *errors):
        self.errors = list(errors)

    def __call__(self):
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def slept(monkeypatch):
    found = []
    monkeypatch.setattr(toil.lib.retry, "_PATIENCE", Patience(cap_seconds=0.0, sleep=found.append))
    return found


def test_a_function_is_called_again_after_errors_that_are_worth_it(slept):
    said, prepared = [], []
    again = retry(
        intervals=[1, 2],
        errors=[OSError, ErrorCondition(ValueError, error_message_must_include="soon")],
        log_message=(said.append, "again"),
        prepare=[lambda: prepared.append(1)],
    )
    assert again(Failing(OSError(), ValueError("come back soon")))() == "done"
    assert (slept, said, prepared) == ([1, 2], ["again", "again"], [1, 1])
    with pytest.raises(ValueError, match="never"):
        again(Failing(ValueError("never")))()
    with pytest.raises(OSError, match="third"):
        again(Failing(OSError("first"), OSError("second"), OSError("third")))()


def test_a_function_may_be_called_again_without_end_but_not_for_what_is_excluded(slept):
    errors = [Exception, ErrorCondition(KeyError, retry_on_this_condition=False)]
    forever = retry(intervals=[1], infinite_retries=True, errors=errors)
    assert forever(Failing(*[ValueError()] * 9))() == "done"
    assert slept == [1] * 9
    with pytest.raises(KeyError):
        forever(Failing(KeyError()))()


def test_errors_of_web_services_are_told_by_their_codes():
    missing = urllib.error.HTTPError("http://x", 404, "no", Message(), None)
    assert get_error_code(missing) == 404
    service = ValueError()
    service.response = {"ResponseMetadata": {"HTTPStatusCode": 503}, "Error": {"Code": "SlowDown"}}
    assert get_error_code(service) == 503
    assert get_error_code(ValueError()) == 0
    assert ErrorCondition(error_codes=[503]).fits(service)
    assert not ErrorCondition(error_codes=[404]).fits(service)
    assert ErrorCondition(boto_error_codes=["SlowDown"]).fits(service)
    assert not ErrorCondition(boto_error_codes=["Gone"]).fits(ValueError())
    missing.close()


def test_attempts_of_a_loop_end_with_the_first_that_succeeds(slept):
    call = Failing(OSError(), OSError())
    for attempt in old_retry(delays=(0, 3), timeout=100, predicate=lambda error: isinstance(error, OSError)):
        with attempt:
            found = call()
    assert (found, slept) == ("done", [0, 3])
    for timeout in (0, 2):
        with pytest.raises(OSError, match="too late"):  # noqa: PT012  the loop is what is tried
            for attempt in old_retry(delays=(3,), timeout=timeout, predicate=lambda error: True):
                with attempt:
                    raise OSError("too late")


def test_sizes_and_durations_are_converted():
    assert toil.lib.humanize.human2bytes("1Ki") == 1024
    assert toil.lib.humanize.bytes2human is bytes2human
    assert convert_units(3, "GiB", "MiB") == 3072
    assert convert_units(1, "kB", "B") == 1000
    assert hms_duration_to_seconds("01:02:03") == 3723
    for wrong in ("1:2", "a:b:c", "1:-2:3"):
        with pytest.raises(UsageError, match="HH:MM:SS"):
            hms_duration_to_seconds(wrong)
