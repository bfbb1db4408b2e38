"""The options of a run by upstream's names."""

from __future__ import annotations

import argparse
import logging
import os

import configargparse
import pytest

from toil.common import Toil
from toil.foreign_options import Effect
from toil.job import Job
from toil.options import UnreadOptions, foreign_here, keywords_of_run
from toil_core.errors import NoSuchStore, UnsupportedFeature, UsageError
from toil_core.model.requirements import Accelerator
from toil_core.model.units import parse_bytes
from toil_core.run import Run


@pytest.fixture(autouse=True)
def no_user_options(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))


def parsed(*words, jobstore_as_flag=False):
    return Job.Runner.getDefaultArgumentParser(jobstore_as_flag=jobstore_as_flag).parse_args([*words])


def test_the_default_parser_is_of_configargparse():
    assert isinstance(Job.Runner.getDefaultArgumentParser(), configargparse.ArgumentParser)


def test_every_option_of_a_run_has_its_default_under_its_documented_name():
    options = parsed("file:store")
    assert options.jobStore == "file:store"
    assert (options.retryCount, options.clean, options.logLevel, options.batchSystem) == (
        1,
        "onSuccess",
        "INFO",
        "single_machine",
    )
    assert (options.defaultMemory, options.defaultCores, options.defaultPreemptible) == (2 * 1024**3, 1, False)
    assert options.enforceMemory is False
    assert (options.workDir, options.restart, options.stats, options.environment) == (None, False, False, [])
    for foreign in foreign_here():
        assert getattr(options, foreign.dest) == foreign.default


def test_the_documented_flags_are_understood():
    options = parsed(
        *("--batchSystem=single_machine", "--retryCount", "3", "--defaultMemory=1Gi", "--defaultPreemptable"),
        *("./store", "--clean", "always", "--disableProgress", "True", "--stopOnFirstFailure=False"),
        *("--doubleMem", "--logDebug", "--maxCores", "2", "--setEnv", "A=1", "-e", "B", "--writeLogs=logs"),
    )
    assert (options.jobStore, options.retryCount, options.defaultMemory) == ("./store", 3, 1024**3)
    assert (options.defaultPreemptible, options.disableProgress, options.stopOnFirstFailure) == (True, True, False)
    assert (options.doubleMem, options.logLevel, options.maxCores, options.writeLogs) == (True, "DEBUG", 2, "logs")
    assert (options.clean, options.environment) == ("always", ["A=1", "B"])


def test_switches_take_no_word_that_is_not_theirs():
    assert parsed("--restart", "./store").jobStore == "./store"
    assert parsed("--stats", "./store", "--metrics").metrics is True
    assert parsed("./store", "--symlinkImports", "False").symlinkImports is False


@pytest.mark.parametrize("level", ["Off", "Critical", "Error", "Warning", "Info", "Debug", "Trace"])
def test_levels_of_the_log_have_flags_of_their_own(level):
    assert parsed("./store", f"--log{level}").logLevel == level.upper()


def test_the_job_store_can_be_a_flag():
    assert parsed("--jobStore", "file:store", jobstore_as_flag=True).jobStore == "file:store"
    assert parsed(jobstore_as_flag=True).jobStore is None
    with pytest.raises(SystemExit):
        parsed()


def test_options_can_be_had_without_a_command_line(monkeypatch):
    monkeypatch.setattr("sys.argv", ["script.py", "--unknown"])
    assert Job.Runner.getDefaultOptions("./store").jobStore == "./store"
    assert Job.Runner.getDefaultOptions().jobStore is None


def test_the_environment_and_a_file_count_where_the_command_line_is_silent(tmp_path, monkeypatch):
    file = tmp_path / "options.yaml"
    file.write_text("retryCount: 7\nmaxJobs: 9\nclean: always\n")
    monkeypatch.setenv("TOIL_RETRY_COUNT", "5")
    options = parsed("./store", "--config", str(file), "--clean", "never")
    assert (options.retryCount, options.maxJobs, options.clean) == (5, 9, "never")


@pytest.mark.parametrize("make", [argparse.ArgumentParser, configargparse.ArgParser])
def test_a_parser_of_the_script_gets_the_options_beside_its_own(make):
    parser = make()
    parser.add_argument("--job-store-size", type=int)
    Job.Runner.addToilOptions(parser)
    parser.add_argument("--max-cores", action="store_true")
    options = parser.parse_args(["store", "--job-store-size=3", "--max-cores", "--maxCores=2", "--retryCount", "0"])
    assert (options.jobStore, options.job_store_size, options.max_cores) == ("store", 3, True)
    assert (options.maxCores, options.retryCount) == (2, 0)


@pytest.mark.parametrize("make", [argparse.ArgumentParser, configargparse.ArgParser])
def test_a_parser_of_the_script_may_have_the_one_of_a_run_for_a_parent(make, tmp_path):
    (tmp_path / "options.yaml").write_text("maxJobs: 9\n")
    parent = make(add_help=False)
    parent.add_argument("--noStdOutErr", default="mine")
    Job.Runner.addToilOptions(parent)
    parser = make(parents=[parent])
    parser.add_argument("--size", type=int)
    words = ["--stats", str(tmp_path / "store"), "--size=3", "--defaultMemory=1Ki", "--retryCount", "0"]
    options = parser.parse_args([*words, f"--config={tmp_path / 'options.yaml'}", "--disableChaining", "False"])
    assert (options.size, options.noStdOutErr) == (3, "mine")
    with Toil(options) as toil:
        found = toil.options
        assert (found.defaultMemory, found.maxJobs, found.disableChaining, found.restart) == (1024, 9, False, False)
        assert (found.clean, found.stats, found.noStdOutErr) == ("never", True, "mine")
    with pytest.raises(NoSuchStore, match="no job store"), Toil(parser.parse_args(["--restart", words[1]])):
        pass
    with pytest.raises(UsageError, match="--retryCount"), Toil(parser.parse_args([words[1], "--retryCount=often"])):
        pass


def test_options_may_stand_between_the_words_of_a_script():
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args(["store", "a", "--retryCount=3", "b"])
    assert (options.jobStore, options.names, options.retryCount) == ("store", ["a", "b"], 3)


def test_where_there_is_no_limit_an_option_is_a_large_number(tmp_path):
    options = parsed(str(tmp_path / "store"))
    assert min(options.maxCores, options.maxMemory, options.maxDisk, options.maxJobDuration) == 2**63 - 1
    given = keywords_of_run(options)
    assert (given["max_cores"], given["max_memory"], given["max_job_duration"]) == (None, None, 0)
    options.maxCores = float("inf")
    with Toil(options) as toil:
        assert toil.start(Job.wrapFn(max, 1, 2)) == 2


def test_a_size_is_as_people_write_it(tmp_path):
    assert parsed("store", "--maxLogFileSize", "100Mi").maxLogFileSize == parsed("store").maxLogFileSize
    (tmp_path / "options.yaml").write_text("maxLogFileSize: 1Ki\n")
    assert parsed("store", f"--config={tmp_path / 'options.yaml'}").maxLogFileSize == 1024


def test_what_a_script_changes_in_the_options_counts(tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    options.retryCount, options.clean, options.workDir = 0, "never", tmp_path
    options.defaultMemory = "100M"
    with Toil(options) as toil:
        assert toil.options is options
    options.defaultMemory = "lots"
    with pytest.raises(UsageError, match="lots"), Toil(options):
        pass


@pytest.mark.parametrize(
    "foreign", [one for one in foreign_here() if one.effect is Effect.REFUSED], ids=lambda one: one.dest
)
def test_an_option_that_could_not_be_kept_to_is_refused(foreign, tmp_path):
    value = str(not foreign.default) if isinstance(foreign.default, bool) else "7"
    words = [foreign.flags[0], value]
    options = parsed(str(tmp_path / "store"), *words)
    with pytest.raises(UnsupportedFeature, match=foreign.flags[0]), Toil(options):
        pass
    assert not (tmp_path / "store").exists()


def test_an_option_that_a_script_empties_is_as_if_it_were_not_set(tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    options.nodeTypes, options.provisioner, options.sseKey, options.maxNodes = [], "", None, []
    with Toil(options) as toil:
        assert toil.start(Job.wrapFn(max, 1, 2)) == 2


def test_an_option_that_changes_nothing_says_so(tmp_path, caplog):
    with Toil(parsed(str(tmp_path / "store"), "--stats")):
        pass
    assert "--stats changes nothing" in caplog.text


def test_limits_of_time_places_and_logs_are_the_cores(tmp_path):
    words = ("--defaultWalltime=60", "--maxJobDuration", "90", "--doubleTime", "--writeLogsGzip=logs", "--scale=0.5")
    options = parsed("./store", *words, "--runDir", str(tmp_path))
    assert (options.defaultWalltime, options.maxJobDuration, options.doubleTime) == (60, 90, True)
    assert (options.writeLogsGzip, options.scale, options.runDir) == ("logs", 0.5, str(tmp_path))
    given = keywords_of_run(options)
    assert (given["default_time_limit"], given["max_job_duration"], given["scale"]) == (60, 90, 0.5)
    assert parsed("./store").defaultWalltime == 0
    assert "--defaultWalltime SECONDS" in Job.Runner.getDefaultArgumentParser().format_help()
    with pytest.raises(SystemExit):
        parsed("./store", "--defaultWalltime=lots")


def test_a_run_with_stats_keeps_its_job_store_unless_told_otherwise():
    assert parsed("./store", "--stats").clean == "never"
    assert parsed("./store", "--stats", "--clean=always").clean == "always"


def test_variables_are_set_for_jobs(tmp_path, monkeypatch):
    monkeypatch.setenv("GIVEN", "before")
    with Toil(parsed(str(tmp_path / "store"), "--setEnv", "GIVEN=after", "-e", "HOME", "--setEnv=NEW=a=b")):
        assert (os.environ["GIVEN"], os.environ["NEW"]) == ("after", "a=b")
    assert (os.environ["GIVEN"], os.environ.get("NEW")) == ("before", None)
    options = Job.Runner.getDefaultOptions(str(tmp_path / "other"))
    options.environment = {"GIVEN": 7}
    with Toil(options):
        assert os.environ["GIVEN"] == "7"


def test_values_survive_the_way_into_the_options_and_back():
    given = {"default_accelerators": ("nvidia-tesla-k80:2",), "log_level": "warning", "default_disk": "1.5Gi"}
    expected = Run.resolved(**given)
    options = parsed("x", "--defaultAccelerators=nvidia-tesla-k80:2", "--logWarning", "--defaultDisk=1.5Gi")
    assert options.defaultAccelerators == ["nvidia-tesla-k80:2"]
    assert options.defaultDisk == expected["default_disk"] == parse_bytes("1.5Gi")


def test_accelerators_of_all_jobs_are_a_list_with_commas():
    options = parsed("x", "--defaultAccelerators", "nvidia:2,1", "--defaultAccelerators=cuda")
    assert options.defaultAccelerators == ["nvidia:2", "gpu:1", "cuda:1"]
    assert Run.resolved(**keywords_of_run(options))["default_accelerators"] == (
        Accelerator(2, brand="nvidia"),
        Accelerator(1),
        Accelerator(1, api="cuda"),
    )


def test_logs_go_to_the_current_folder_if_none_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parsed("x", "--writeLogs").writeLogs == str(tmp_path)
    assert parsed("--writeLogsGzip", "--clusterStats", "--logDebug", "x").writeLogsGzip == str(tmp_path)


def test_options_that_a_worker_does_not_know_are_refused_with_a_cure():
    options = UnreadOptions()
    options.clean = "always"
    assert options.clean == "always"
    with pytest.raises(UsageError, match=r"option N is not known to its workers\. Hand it to the job"):
        _ = options.N


def test_a_value_that_makes_no_sense_ends_the_script_with_a_line_that_says_so(capsys):
    with pytest.raises(SystemExit) as caught:
        parsed("./store", "--retryCount", "often")
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith('--retryCount is "often": not a whole number\n')


def test_a_subcommand_of_a_script_can_have_the_options():
    parser = argparse.ArgumentParser()
    runner = parser.add_subparsers(dest="command").add_parser("run")
    Job.Runner.addToilOptions(runner)
    options = parser.parse_args(["run", "--restart", "./store", "--retryCount=3"])
    assert (options.command, options.jobStore, options.restart, options.retryCount) == ("run", "./store", True, 3)


@pytest.mark.parametrize("flag", ["--disableAutoDeployment", "--disableHotDeployment", "--disableHotDeployment=True"])
def test_code_is_not_sent_to_workers_if_so_wished(flag):
    assert parsed("./store").disableAutoDeployment is False
    assert parsed("./store", flag).disableAutoDeployment is True


@pytest.mark.parametrize("is_earlier", [True, False])
def test_a_flag_that_a_script_has_for_its_own_ends_is_the_scripts(is_earlier, tmp_path):
    parser = argparse.ArgumentParser()

    def add_own():
        parser.add_argument("--config", default="samples.toml")
        parser.add_argument("--runDir", type=int)
        parser.add_argument("--stats", action="store_true")
        parser.add_argument("--provisioner", default="mine")
        parser.add_argument("--logInfo", type=float)

    if is_earlier:
        add_own()
    Job.Runner.addToilOptions(parser)
    if not is_earlier:
        add_own()
    store = str(tmp_path / "store")
    options = parser.parse_args(["--runDir", "7", "--stats", store, "--logInfo", "2", "--retryCount", "3"])
    assert (options.config, options.runDir, options.stats, options.provisioner) == ("samples.toml", 7, True, "mine")
    assert (options.logInfo, options.logLevel, options.retryCount) == (2.0, "INFO", 3)
    given = keywords_of_run(options)
    assert (given["config"], given["run_dir"], given["retry_count"]) == (None, None, 3)
    with Toil(options):
        pass


def test_scripts_may_have_a_short_flag_of_the_run():
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("-e", type=int)
    options = parser.parse_args(["store", "-e", "5", "--setEnv", "A=1"])
    assert (options.e, options.environment) == (5, ["A=1"])


@pytest.mark.parametrize(("level", "meant"), [("WARN", "warning"), ("Fatal", "critical"), (logging.INFO, "INFO")])
def test_levels_may_be_what_logging_calls_them(level, meant, tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    options.logLevel = level
    assert keywords_of_run(options)["log_level"] == meant


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("maxCores", "many", "--maxCores is"), ("workDir", "/not/there", "another by --workDir")],
)
def test_what_a_script_sets_and_makes_no_sense_is_told_in_the_words_of_the_script(name, value, told, tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    setattr(options, name, value)
    with pytest.raises(UsageError, match=told), Toil(options):
        pass


def test_a_script_may_set_an_option_in_the_older_spelling():
    options = Job.Runner.getDefaultOptions("store")
    options.defaultPreemptable = True
    assert keywords_of_run(options)["default_preemptible"] is True


def test_a_file_of_options_may_have_all_that_are_documented(tmp_path):
    file = tmp_path / "options.yaml"
    file.write_text("stats: true\nbadWorker: 0.5\nnodeTypes: a,b\nsetEnv: [A=1, B=2]\ncaching: null\nretryCount: 4\n")
    options = parsed("./store", "--config", str(file), "--badWorker", "0.25")
    assert (options.stats, options.badWorker, options.nodeTypes) == (True, 0.25, "a,b")
    assert (options.environment, options.caching, options.retryCount) == (["A=1", "B=2"], False, 4)
    with pytest.raises(UnsupportedFeature, match="--badWorker"), Toil(options):
        pass


def test_a_line_of_a_file_of_options_that_makes_no_sense_is_named(tmp_path, capsys):
    file = tmp_path / "options.yaml"
    file.write_text("retryCount: 4\nbadWorker: often\n")
    with pytest.raises(SystemExit):
        parsed("./store", "--config", str(file))
    assert capsys.readouterr().err.endswith(f'{file}:2: badWorker is "often"\n')


@pytest.mark.parametrize(
    ("older", "name"), [("singleMachine", "single_machine"), ("gridEngine", "grid_engine"), ("Slurm", "slurm")]
)
def test_batch_systems_have_their_older_names_too(older, name, tmp_path):
    options = Job.Runner.getDefaultOptions(str(tmp_path / "store"))
    options.batchSystem = older
    assert keywords_of_run(options)["batch_system"] == name
    assert parsed("store", "--batchSystem=singleMachine").batchSystem == "single_machine"
