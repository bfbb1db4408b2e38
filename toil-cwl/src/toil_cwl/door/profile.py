"""The provenance of one run of a workflow or tool as a PROV document."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cwltool.cwlprov.provenance_constants import SCHEMA, WFDESC, WFPROV
from cwltool.cwlprov.provenance_profile import ProvenanceProfile
from prov.model import PROV, PROV_ATTR_STARTTIME, PROV_ATTR_TIME, PROV_LABEL, PROV_TYPE, ProvDocument

from toil_cwl.door.bag import Bag
from toil_cwl.options import CwlOptions
from toil_cwl.values import Value

_LABEL = "Prospective provenance"


class Profile(ProvenanceProfile):
    """cwltool's profile of a run, told afterwards: every time is given, none is that of the telling."""

    def __init__(self, bag: Bag, options: CwlOptions, run: uuid.UUID, started: datetime) -> None:
        self._started = started
        has_host = options.enable_host_provenance and not options.disable_host_provenance
        has_user = options.enable_user_provenance and not options.disable_user_provenance
        super().__init__(bag, options.full_name, has_host, has_user, options.orcid, bag.fsaccess, run)

    def generate_prov_doc(self) -> tuple[str, ProvDocument]:
        """Who ran it, and that it began; for cwltool it begins now."""
        run, hasty = super().generate_prov_doc()
        times = {PROV_ATTR_TIME, PROV_ATTR_STARTTIME}
        self.document = ProvDocument(namespaces=hasty.namespaces)
        for record in hasty.records:
            attributes = [
                (name, self._started if name in times else self._engine(value)) for name, value in record.attributes
            ]
            self.document.new_record(record.get_type(), record.identifier, attributes)
        return run, self.document

    def _engine(self, value: Any) -> Any:
        return self.research_object.cwltool_version if value == self.cwltool_version else value

    def declare_file(self, value: Any) -> Any:
        """The entity of a file with its name, that of its content, and its checksum."""
        found = super().declare_file(value)
        found[1].add_attributes({PROV_TYPE: WFPROV["Artifact"]})  # cwltool: only if the content is new to the bag
        return found

    def plan(self, steps: Sequence[str] | None) -> None:
        """Say what was to be run: a tool, or a workflow of these steps."""
        kind = WFDESC["Process"] if steps is None else WFDESC["Workflow"]
        attributes = [(PROV_TYPE, kind), (PROV_TYPE, PROV["Plan"]), (PROV_LABEL, _LABEL)]
        self.document.entity("wf:main", attributes)
        for step in steps or ():
            name = f"wf:main/{_quoted(step)}"
            part = self.document.entity(name, [(PROV_TYPE, WFDESC["Process"]), (PROV_TYPE, PROV["Plan"])])
            self.document.entity("wf:main", [(WFDESC["hasSubProcess"], part), (PROV_LABEL, _LABEL)])

    def start(self, name: str, when: datetime, run: str | None = None) -> str:
        """A step begins; its activity."""
        return str(self.start_process(_quoted(name), when, run))

    def use(self, activity: str, inputs: Mapping[str, Value], name: str, when: datetime) -> None:
        """An activity used these inputs, as those of the process of that name; empty for the whole."""
        for key, value in inputs.items():
            role = {PROV["role"]: self._role(name, key)}
            self.document.used(activity, self.declare_artefact(value), when, None, role)

    def generate(self, activity: str, outputs: Mapping[str, Value], name: str, when: datetime) -> None:
        """An activity made these outputs, as those of the process of that name."""
        for key, value in outputs.items():
            role = {PROV["role"]: self._role(name, key)}
            self.document.wasGeneratedBy(self.declare_artefact(value), activity, when, None, role)

    def end(self, activity: str, when: datetime, by: str) -> None:
        """An activity came to its end."""
        self.document.wasEndedBy(activity, None, by, when)

    def contain(self, activity: str, image: str) -> None:
        """The activity took place in a container of that image."""
        label = f"Container execution of image {image}"
        told = [(PROV_TYPE, PROV["SoftwareAgent"]), ("cwlprov:image", image), (PROV_LABEL, label)]
        self.document.wasAssociatedWith(activity, self.document.agent(uuid.uuid4().urn, told))

    def describe(self, activity: str, text: str) -> None:
        """Say something of an activity that PROV has no word for."""
        self.document.activity(activity, other_attributes=[(SCHEMA["description"], text)])

    def _role(self, name: str, key: str) -> Any:
        return self.wf_ns["/".join(filter(None, ("main", _quoted(name), key)))]


def _quoted(name: str) -> str:
    return quote(name, safe=":/,#")
