"""Imports point down, between few rooms, and foreign libraries come in by one door."""

from __future__ import annotations

FLOORS = {
    "errors": 0,
    "system": 1,
    "model": 2,
    "api": 3,
    "store": 4,
    "queue": 4,
    "plugins": 4,
    "deployment": 5,
    "files": 5,
    "config": 5,
    "local": 5,
    "testing": 5,
    "workflow": 6,
    "engine": 7,
    "worker": 7,
    "run": 8,
    "cli": 8,
}
MAY_USE_A_NEIGHBOUR = {
    "testing": {"files", "deployment", "config", "local"},  # its fakes and suites stand in for all up to their floor
    "engine": {"worker"},  # a session forks the worker host before it starts a thread; never the other way
    "run": {"cli"},  # scripts and commands share what a person sees of a run
}
FRONT_ENDS = {"toil_cwl", "toil"}
FRONT_END_ROOMS = {"errors", "system", "model", "api", "files", "workflow"}
BACKEND_ROOMS = {"errors", "system", "model", "api", "queue"}
FRONT_END_EXCEPTIONS = {
    ("toil_cwl.plugin", "plugins"),  # the markers of its hooks
    ("toil_cwl.cli", "cli"),  # the command hands over to the public runner,
    ("toil_cwl.cli", "config"),  # after declaring its options beside the core's,
    ("toil_cwl.cli", "plugins"),  # which depend on what is installed,
    ("toil.common", "run"),  # scripts are run as the core runs them
    ("toil.options", "run"),  # with its options in other words
    ("toil.options", "config"),
    ("toil.configuration", "run"),  # as an object,
    ("toil.configuration", "config"),  # and as a file
    ("toil.batchSystems.registry", "plugins"),  # names of batch systems
    ("toil_cwl.familiar", "config"),  # and saying in the core's options what other runners call otherwise
}
DOORS = {
    "stevedore": {"toil_core.plugins.manager"},
    "pluggy": {"toil_core.plugins.manager", "toil_core.plugins.markers", "toil_core.plugins.hookspecs"},
}
CLOUD_LIBRARIES = {"boto3", "botocore", "s3transfer", "google", "azure"}
CLOUD_DOORS = ("toil_aws.s3_client", "toil_azure.door", "toil_gce.door")
CWL_LIBRARIES = {"cwltool", "schema_salad"}
CWL_DOORS = {"toil_cwl.kept", "toil_cwl.schemas"}  # what the library takes long to build is kept
# Libraries that few runs need. Whatever is loaded when the worker host is forked, every job's fork pays for.
LATE = {
    ("toil_core.cli.telling", "_progress_line"),  # rich: only on a terminal
    ("toil_core.workflow.program", "deploy"),  # archives and metadata: only for workers that see no file of ours,
    ("toil_core.worker.attempt", "_take_in"),  # and only at these
    ("toil_core.config.reading", "_from_file"),  # yaml: only if there is a file
    ("toil_cwl.provenance", "_writer"),  # research objects: only with --provenance
    ("toil_cwl.door.orders", "input_flags"),  # a parser that draws tables: only for flags behind a document
}


def room(name):
    """The room of a module of the core, empty for the package itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == "toil_core" and len(parts) > 1 else ""


def test_every_room_of_the_core_stands_on_a_floor(modules):
    rooms = {room(module.name) for module in modules if module.package == "toil_core"} - {""}
    assert rooms <= FLOORS.keys()


def test_imports_of_the_core_point_down(modules):
    wrong = []
    for module in modules:
        here = room(module.name)
        if module.package != "toil_core" or not here:
            continue
        for found in module.imports():
            there = room(found.name)
            if there not in FLOORS or there == here:
                continue
            same = FLOORS[there] == FLOORS[here] and there not in MAY_USE_A_NEIGHBOUR.get(here, set())
            if FLOORS[there] > FLOORS[here] or same:
                wrong.append(f"{module.name}:{found.line} imports {found.name}")
    assert not wrong


def test_the_core_knows_no_front_end(modules):
    wrong = [
        f"{module.name}:{found.line} imports {found.name}"
        for module in modules
        if module.package == "toil_core"
        for found in module.imports()
        if found.name.split(".")[0].startswith("toil_") and found.name.split(".")[0] != "toil_core"
    ]
    assert not wrong


def test_front_ends_use_only_the_rooms_meant_for_them(modules):
    wrong = []
    for module in modules:
        if module.package not in FRONT_ENDS:
            continue
        for found in module.imports():
            there = room(found.name)
            if there and there not in FRONT_END_ROOMS and (module.name, there) not in FRONT_END_EXCEPTIONS:
                wrong.append(f"{module.name}:{found.line} imports {found.name}")
    assert not wrong


def test_backends_use_only_the_rooms_meant_for_them(modules):
    wrong = []
    for module in modules:
        if module.package in FRONT_ENDS | {"toil_core"}:
            continue
        allowed = BACKEND_ROOMS | ({"plugins"} if module.name == f"{module.package}.plugin" else set())
        for found in module.imports():
            there = room(found.name)
            if there and there not in allowed:
                wrong.append(f"{module.name}:{found.line} imports {found.name}")
    assert not wrong


def test_no_distribution_imports_a_sibling(modules):
    ours = {module.package for module in modules}
    wrong = [
        f"{module.name}:{found.line} imports {found.name}"
        for module in modules
        for found in module.imports()
        if found.name.split(".")[0] in ours - {module.package, "toil_core"}
    ]
    assert not wrong


def test_no_import_is_relative(modules):
    assert not [module.name for module in modules for found in module.imports() if found.name.startswith(".")]


def test_only_loaders_and_what_few_runs_need_import_inside_functions(modules):
    wrong = [
        f"{module.name}:{found.line} in {found.inside}"
        for module in modules
        for found in module.imports()
        if found.inside and not module.name.endswith(".plugin") and (module.name, found.inside) not in LATE
    ]
    assert not wrong


def test_discovery_libraries_have_one_door(modules):
    wrong = [
        f"{module.name}:{found.line} imports {found.name}"
        for module in modules
        for found in module.imports()
        if found.name.split(".")[0] in DOORS and module.name not in DOORS[found.name.split(".")[0]]
    ]
    assert not wrong


def test_libraries_of_clouds_have_one_door_each(modules):
    wrong = [
        f"{module.name}:{found.line} imports {found.name}"
        for module in modules
        for found in module.imports()
        if found.name.split(".")[0] in CLOUD_LIBRARIES
        and not any(module.name == door or module.name.startswith(f"{door}.") for door in CLOUD_DOORS)
    ]
    assert not wrong


def test_the_cwl_library_has_one_door(modules):
    doors = {
        module.name
        for module in modules
        for found in module.imports()
        if found.name.split(".")[0] in CWL_LIBRARIES and module.package == "toil_cwl"
    }
    assert {name for name in doors if not name.startswith("toil_cwl.door.")} <= CWL_DOORS
