"""Inputs that are secret (``cwltool:Secrets``): placeholders stand for them everywhere but in a tool's
command line, environment and generated files, where cwltool puts the values back."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cwltool.process import shortname, supportedProcessRequirements
from cwltool.secrets import SecretStore

from toil_core.api.job import JobFailure
from toil_core.errors import UsageError
from toil_core.model.outcome import FailureKind
from toil_cwl.door.documents import Process, process_class, requirement, step_tool, steps
from toil_cwl.links import sources_of
from toil_cwl.sealing import Mask
from toil_cwl.values import Object, Value

_SECRETS = "http://commonwl.org/cwltool#Secrets"
supportedProcessRequirements.append(_SECRETS)  # cwltool takes it for a hint only


def hidden(process: Process, inputs: Object, secrets: dict[str, str]) -> Object:
    """The inputs with placeholders for what is secret; ``secrets`` gets the values by placeholder.

    Raises ``UsageError`` for a secret that is no text.
    """
    names = secret_inputs(process)
    store = secret_store(secrets)
    parameters = {shortname(str(one["id"])): one for one in process.tool["inputs"]}
    defaults = {name: parameters[name]["default"] for name in names if "default" in parameters[name]}
    inputs = {**defaults, **{name: value for name, value in inputs.items() if value is not None or name not in names}}
    shown = {name: _hidden(value, name, store) if name in names else value for name, value in inputs.items()}
    secrets.update(store.secrets)
    return shown


def secret_store(secrets: Mapping[str, str]) -> Any:
    """What cwltool looks placeholders up in."""
    store = SecretStore()
    store.secrets.update(secrets)
    return store


def secret_inputs(process: Process) -> set[str]:
    """The inputs that the process, or one inside it that they go to as they are, says are secret."""
    return _secret_inputs(process, (requirement(process, _SECRETS) or {}).get("secrets", ()))


def _secret_inputs(process: Process, declared: Iterable[str]) -> set[str]:
    names = {str(one["id"]): shortname(str(one["id"])) for one in process.tool["inputs"]}
    found = {shortname(str(name)) for name in declared}
    if process_class(process) == "Workflow":
        for step in steps(process):
            inner = _secret_inputs(step_tool(step), _declared(step_tool(step)))
            for parameter in step.tool["inputs"]:
                if shortname(str(parameter["id"])) in inner:
                    found.update(names.get(source, "") for source in sources_of(parameter, "source"))
    return found & set(names.values())


def _declared(process: Process) -> list[str]:
    """What a process itself says: what it inherits are names of its parent's inputs."""
    said = [*(process.tool.get("requirements") or ()), *(process.tool.get("hints") or ())]
    return [name for one in said if one["class"] == _SECRETS for name in one.get("secrets", ())]


def _hidden(value: Value, name: str, store: SecretStore) -> Value:
    if isinstance(value, str):
        return store.add(value)
    if isinstance(value, list):
        return [_hidden(item, name, store) for item in value]
    if isinstance(value, dict) and "class" not in value:
        return {key: _hidden(item, name, store) for key, item in value.items()}
    if value is None:
        return None
    raise UsageError(f'The input "{name}" is secret, and only text can be kept secret')


@contextmanager
def masked(context: Any, secrets: Mapping[str, str]) -> Iterator[None]:
    """While a tool runs: have cwltool know the secrets, and keep them out of the log if the tool writes them
    there, and out of what is said of its failure."""
    if not secrets:
        yield
        return
    context.secret_store = secret_store(secrets)
    mask = Mask(secrets)
    with tempfile.TemporaryFile(dir=context.basedir) as said:
        try:
            with _stderr_going_to(said.fileno()):  # cwltool has what tools write go there
                yield
        except JobFailure as error:
            failure = error.failure
            shown = mask.text(failure.message), failure.kind, mask.text(failure.command), failure.exit_status
            raise JobFailure(*shown) from None
        finally:
            said.seek(0)
            for line in said:
                sys.stderr.write(mask.text(line.decode(errors="replace")))


@contextmanager
def _stderr_going_to(descriptor: int) -> Iterator[None]:
    sys.stderr.flush()
    number = sys.stderr.fileno()
    kept = os.dup(number)
    os.dup2(descriptor, number)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, number)
        os.close(kept)


def hide_from_process_lists(job: Any, context: Any) -> None:
    """Have variables that go to a container in the engine's own command line go there by a file, if they are
    secret. Most others are in its environment already. Raises ``JobFailure`` while the job runs."""
    create_runtime = job.create_runtime

    def runtime_with_file(env: Any, runtime_context: Any) -> Any:
        words, id_file = create_runtime(env, runtime_context)
        lines = [word.removeprefix("--env=") for word in words if _is_secret_variable(word, context)]
        if lines:
            path = f"{context.basedir}/environment"
            _write_variables(path, [context.secret_store.retrieve(line) for line in lines])
            words = [word for word in words if not _is_secret_variable(word, context)]
            words.insert(words.index("run") + 1, f"--env-file={path}")
        return words, id_file

    job.create_runtime = runtime_with_file


def _is_secret_variable(word: str, context: Any) -> bool:
    return word.startswith("--env=") and context.secret_store.has_secret(word)


def _write_variables(path: str, lines: Sequence[str]) -> None:
    for line in lines:
        if "\n" in line:
            name = line.partition("=")[0]
            message = f"the secret in the variable {name} has several lines, which a container engine cannot be given"
            raise JobFailure(message, FailureKind.UNSUPPORTED)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w") as file:
        file.writelines(f"{line}\n" for line in lines)
