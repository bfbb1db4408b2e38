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
TYPE_STUBS = ("types-PyYAML", "types-psutil", "types-requests")
CONFORMANCE_SUITES = {"cwl": ("TOIL_CONFORMANCE_CWL", "../shared/conformance/cwl-v1.2")}
CONTAINER_TOOLS = {
    "podman": ("podman", "containernetworking-plugins", "iptables"),
    "runc": ("runc",),
    "debootstrap": ("debootstrap",),
}
VARIANT_TOOLS = {"bwa": "bwa", "samtools": "samtools", "bcftools": "bcftools"}
SQLITE = "examples/toil-sqlite"
EXTRAS = {
    "aws": ["toil-aws"],
    "azure": ["toil-azure"],
    "compat": ["toil-compat"],
    "cwl": ["toil-cwl"],
    "gce": ["toil-gce"],
    "google": ["toil-gce"],
    "aws,cwl": ["toil-aws", "toil-cwl"],
    "all": ["toil-aws", "toil-azure", "toil-compat", "toil-cwl", "toil-gce"],
}
STORE_TESTS = ("tests/aws", "tests/gce", "tests/azure")
CEPH_PACKAGES = ("radosgw", "ceph-mon", "ceph-osd", "ceph-mgr", "ceph-common")
HUGE_STREAM = 2_684_354_560  # longer than 31 bits can say
LAMBDA_READS = Path("/usr/share/doc/bowtie2/examples/reads/reads_1.fq.gz")

nox.options.sessions = ["lint", "tests"]
nox.options.error_on_external_run = True
nox.options.reuse_existing_virtualenvs = True


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests that are quick and need no server but moto's; arguments after ``--`` go to pytest."""
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
    session.run("mypy", "-p", "toil_sqlite")
    session.run("mypy", "noxfile.py", "bootstrap.py", "tests/contract_table.py", "tests/core/workflow/test_typed.py")
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
def servers(session: nox.Session) -> None:
    """Install the servers that job stores are tested against, where they are missing: Ceph, Azurite, emulators."""
    if shutil.which("radosgw") is None:
        if os.geteuid() == 0:
            session.run("apt-get", "install", "-y", "--no-install-recommends", *CEPH_PACKAGES, external=True)
        else:
            session.warn(f"Ceph is missing. Try: sudo apt-get install {' '.join(CEPH_PACKAGES)}")
    home = servers_home(session)
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "node_modules" / ".bin" / "azurite-blob").exists():
        if shutil.which("npm") is None:
            session.warn("npm is missing, so Azurite cannot be installed. Try: sudo apt-get install npm")
        else:
            session.run("npm", "install", "--silent", "--no-fund", "--prefix", str(home), "azurite", external=True)
    # Its pins of libraries are not ours.
    if not (home / "gcp" / "bin" / "gcp-storage-emulator").exists():
        session.run("python", "-m", "venv", str(home / "gcp"))
        session.run(str(home / "gcp" / "bin" / "pip"), "install", "--quiet", "gcp-storage-emulator", external=True)


def servers_home(session: nox.Session) -> Path:
    """Where ``nox -s servers`` puts what is no package of the system."""
    return Path(session.cache_dir).resolve() / "servers"


def servers_environment(session: nox.Session) -> dict[str, str]:
    """How tests find what ``nox -s servers`` has installed."""
    home = servers_home(session)
    path = [str(home / "gcp" / "bin"), session.env.get("PATH") or os.environ["PATH"]]
    azurite = home / "node_modules" / ".bin" / "azurite-blob"
    named = {"TOIL_AZURITE": str(azurite)} if azurite.exists() and "TOIL_AZURITE" not in os.environ else {}
    return {"PATH": os.pathsep.join(path), **named}


@nox.session
def stores(session: nox.Session) -> None:
    """Run all tests of job stores that need servers, whole workflows and crashes too; each skips what is not here."""
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS)
    session.run("pytest", "-m", "not live", "-rs", *(session.posargs or STORE_TESTS), env=servers_environment(session))


@nox.session
def contracts(session: nox.Session) -> None:
    """Put every job store through its kit, against the servers that are here; a table tells what was skipped, and why.

    Arguments after ``--`` go to pytest, as ``-k TestFileStorage``.
    """
    session.install("--quiet", *OURS, "-e", f"./{SQLITE}", *TEST_REQUIREMENTS)
    environment = {
        **servers_environment(session),
        "PYTHONPATH": str(ROOT / "tests"),
        "TOIL_CONTRACT_HUGE_BYTES": os.environ.get("TOIL_CONTRACT_HUGE_BYTES", str(HUGE_STREAM)),
    }
    found = str(session.run("python", "tests/contract_table.py", silent=True)).split()
    session.run("pytest", "-p", "contract_table", "-m", "not live", "-q", *found, *session.posargs, env=environment)


@nox.session
def third_party(session: nox.Session) -> None:
    """Install toil-core and a stranger's plugin from wheels, run its tests and a workflow on it, and take it away."""
    wheels = build_wheels(session, "toil-core", SQLITE)
    session.run("pip", "uninstall", "--quiet", "--yes", "toil-core", "toil-sqlite")
    session.install("--quiet", wheels["toil-core"], f"toil-sqlite[test] @ {Path(wheels['toil-sqlite']).as_uri()}")
    place = Path(session.create_tmp()).resolve()
    # A copy, so that nothing is imported from the checkout.
    example = place / "example"
    shutil.rmtree(example, ignore_errors=True)
    shutil.copytree(ROOT / SQLITE, example, ignore=shutil.ignore_patterns("src", "__pycache__"))
    session.chdir(example)
    session.run("pytest", "-q")
    session.run("toil", "plugins")
    run = ("python", "workflow.py", "--job-store", f"sqlite:{place / 'run.db'}")
    session.run(*run)
    session.run("pip", "uninstall", "--quiet", "--yes", "toil-sqlite")
    told = str(session.run("toil", "status", f"sqlite:{place / 'run.db'}", success_codes=[2], silent=True)).strip()
    session.log(told)
    if 'No job store for "sqlite"' not in told or "Install the plugin that brings it" not in told or "\n" in told:
        session.error("The error does not say what is missing and what to try")


@nox.session
def assemble(session: nox.Session) -> None:
    """Install each extra of toil-core from locally built wheels, into an environment of its own, and use it."""
    wheels = build_wheels(session, *DISTRIBUTIONS)
    place = Path(session.create_tmp()).resolve()
    constraints = place / "constraints.txt"
    constraints.write_text("".join(f"{name} @ {Path(wheel).as_uri()}\n" for name, wheel in wheels.items()))
    core = Path(wheels["toil-core"]).as_uri()
    for extra, expected in EXTRAS.items():
        home = place / extra
        shutil.rmtree(home, ignore_errors=True)
        session.run("python", "-m", "venv", str(home))
        python = str(home / "bin" / "python")
        wanted = ["--constraint", str(constraints), f"toil-core[{extra}] @ {core}"]
        session.run(python, "-m", "pip", "install", "--quiet", *wanted, external=True)
        session.run(python, "-m", "pip", "check", external=True)
        session.run(python, "-I", "tests/assembled.py", *expected, external=True)
        shutil.rmtree(home)


def build_wheels(session: nox.Session, *sources: str) -> dict[str, str]:
    """Build wheels from the checkout; their paths by the names of the distributions."""
    session.install("--quiet", "build")
    target = Path(session.create_tmp()).resolve() / "wheels"
    shutil.rmtree(target, ignore_errors=True)
    for source in sources:
        session.run("python", "-m", "build", "--wheel", "--outdir", str(target), source, silent=True)
    return {wheel.name.split("-")[0].replace("_", "-"): str(wheel) for wheel in target.glob("*.whl")}


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


@nox.session
def bench_stores(session: nox.Session) -> None:
    """Measure the job stores beside the bare libraries, on the servers that are here: arguments after ``--`` go to
    ``python -m benchmarks.stores``, as ``aws-rgw --size 256MiB --out table.md``."""
    session.install("--quiet", *OURS, *TEST_REQUIREMENTS)
    session.run("python", "-m", "benchmarks.stores", *session.posargs, env=servers_environment(session))
