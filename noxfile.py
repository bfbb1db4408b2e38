"""The repository's chores, each in an environment of its own: ``nox --list`` shows them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
DISTRIBUTIONS = sorted(project.parent.name for project in ROOT.glob("toil-*/pyproject.toml"))
PACKAGES = sorted(face.parent.name for face in ROOT.glob("toil-*/src/*/__init__.py"))
OURS = [word for name in DISTRIBUTIONS for word in ("-e", f"./{name}")]
TEST_REQUIREMENTS = ("-r", "tests/requirements.txt")
TYPE_STUBS = ("types-PyYAML", "types-psutil")
CONFORMANCE_SUITES = {"cwl": ("TOIL_CONFORMANCE_CWL", "../shared/conformance/cwl-v1.2")}
CONTAINER_TOOLS = {
    "podman": ("podman", "containernetworking-plugins", "iptables"),
    "runc": ("runc",),
    "debootstrap": ("debootstrap",),
}
VARIANT_TOOLS = {"bwa": "bwa", "samtools": "samtools", "bcftools": "bcftools"}
LAMBDA_READS = Path("/usr/share/doc/bowtie2/examples/reads/reads_1.fq.gz")

nox.options.sessions = ["lint", "tests"]
nox.options.error_on_external_run = True
nox.options.reuse_existing_virtualenvs = True


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests that are quick and need no server; arguments after ``--`` go to pytest."""
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS)
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and types."""
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS, *TYPE_STUBS, "mypy", "nox", "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    for package in PACKAGES:
        session.run("mypy", "-p", package)
    session.run("mypy", "noxfile.py", "bootstrap.py")
    session.run("mypy", "benchmarks")


@nox.session
def chaos(session: nox.Session) -> None:
    """Kill leaders, workers and hosts at random moments, in full."""
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS)
    rounds = os.environ.get("TOIL_CHAOS_ROUNDS", "200")
    session.run("pytest", "-m", "chaos", "-n", "auto", *session.posargs, env={"TOIL_CHAOS_ROUNDS": rounds})


@nox.session
def conformance(session: nox.Session) -> None:
    """Run a language's conformance suite: ``nox -s conformance -- cwl``; ``cwl detached`` for jobs that see no
    file of the leader's. What follows goes to ``tests/cwl/conformance.py``."""
    language, *rest = session.posargs or ["cwl"]
    if language not in CONFORMANCE_SUITES:
        session.error(f"No suite for {language}. There are: {', '.join(CONFORMANCE_SUITES)}")
    variable, usual_place = CONFORMANCE_SUITES[language]
    suite = Path(os.environ.get(variable) or ROOT / usual_place).resolve()
    if not (suite / "conformance_tests.yaml").exists():
        session.error(f"No conformance suite in {suite}. Set {variable} to the folder of conformance_tests.yaml")
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS)
    missing = [command for command in CONTAINER_TOOLS if shutil.which(command) is None]
    if missing and os.geteuid() == 0:
        packages = [package for command in missing for package in CONTAINER_TOOLS[command]]
        session.run("apt-get", "install", "-y", "--no-install-recommends", *packages, external=True)
    lists = ["--missing", f"tests/{language}/conformance-missing.txt"]
    lists += ["--missing-contained", f"tests/{language}/conformance-missing-contained.txt"]
    words = ["--detached" if word == "detached" else word for word in rest]
    images = str(session.cache_dir / "conformance-images")
    session.run("python", f"tests/{language}/conformance.py", str(suite), *lists, "--images", images, *words)


@nox.session
def variant_calling(session: nox.Session) -> None:
    """Call variants of the lambda phage with real tools, and compare with a plain shell script."""
    packages = [package for command, package in VARIANT_TOOLS.items() if shutil.which(command) is None]
    if not LAMBDA_READS.exists():
        packages.append("bowtie2-examples")
    if packages and os.geteuid() != 0:
        session.error(f"Some tools are missing. Try: sudo apt-get install {' '.join(packages)}")
    if packages:
        session.run("apt-get", "install", "-y", "--no-install-recommends", *packages, external=True)
    session.install("--quiet", *OURS)
    session.run("python", "examples/variant-calling/compare.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure ourselves beside cwltool and upstream Toil: ``nox -s bench -- --help`` shows the choices."""
    session.install("--quiet", *OURS)
    peers = Path(session.create_tmp()).resolve()
    for name, package in (("cwltool", "cwltool"), ("upstream", "toil[cwl]")):
        home = peers / name
        if not (home / "installed").exists():
            session.run("python", "-m", "venv", str(home))
            session.run(str(home / "bin" / "pip"), "install", "--quiet", package, external=True)
            (home / "installed").touch()
    session.run(
        "python",
        "-m",
        "benchmarks.bench",
        "--cwltool",
        str(peers / "cwltool" / "bin"),
        "--upstream",
        str(peers / "upstream" / "bin"),
        *session.posargs,
    )
    if not session.posargs:
        session.run("python", "-m", "benchmarks.state_machine")
