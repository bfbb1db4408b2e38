"""Plugins are found by their entry points, and what is wrong with one is said, with its cure."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import metadata
from types import ModuleType

import pytest

from toil_core.api.specs import UrlAccessSpec
from toil_core.engine.chosen import backend_options
from toil_core.errors import UnknownPlugin
from toil_core.local import plugin
from toil_core.plugins.known import _EXTRAS
from toil_core.plugins.manager import PluginManager
from toil_core.plugins.markers import hookimpl
from toil_core.plugins.source import Source


@pytest.fixture
def core_alone():
    """What a person has who installed nothing but toil-core."""
    return PluginManager([Source("core", "toil_core.local.plugin", plugin)], [])


STORE = """
    from toil_core.api.specs import StorageSpec
    from toil_core.plugins.markers import hookimpl

    def load():
        raise AssertionError("nobody chose this store")

    @hookimpl
    def toil_job_stores():
        return [StorageSpec("{name}", "a store", load, contract={contract})]
"""


def test_a_store_of_another_distribution_is_found_and_its_class_is_not_imported(install, ask):
    install("pantry", STORE.format(name="pantry", contract=1))
    answer = ask("spec, rest = plugins.storage('pantry:shelf/2'); answer = [spec.name, rest]")
    assert answer == ["pantry", "shelf/2"]


def test_a_plain_path_is_a_file_store(ask):
    assert ask("spec, rest = plugins.storage('./here'); answer = [spec.name, rest]") == ["file", "./here"]


def test_an_unknown_store_names_the_installed_ones_and_what_to_install(core_alone):
    with pytest.raises(UnknownPlugin) as caught:
        core_alone.storage("aws:us-west-2:x")
    assert str(caught.value) == "No job store for \"aws\". Installed: file. Try: pip install 'toil-core[aws]'"


def test_a_store_of_a_stranger_that_is_not_installed_says_how_to_see_what_is(core_alone):
    with pytest.raises(UnknownPlugin, match="Install the plugin that brings it; to see yours: toil plugins"):
        core_alone.storage("pantry:shelf")


def test_an_unknown_batch_system_names_the_nearest(ask):
    _, message = ask("answer = plugins.batch_system('single_machin')")
    assert 'Did you mean "single_machine"?' in message


def test_a_url_of_an_unknown_scheme_names_what_to_install(core_alone):
    with pytest.raises(UnknownPlugin, match=r"pip install 'toil-core\[aws\]'"):
        core_alone.url_access("s3://bucket/key")


def test_a_plugin_that_cannot_be_imported_breaks_only_itself(install, ask):
    install("sour", "import no_such_library")
    answer = ask("""
        bad = plugins.broken()[0]
        answer = [bad.name, bad.distribution, bad.reason, plugins.storage('file:x')[0].name]
    """)
    assert answer[:2] == ["sour", "sour"]
    assert "no_such_library" in answer[2]
    assert answer[3] == "file"


def test_asking_for_what_a_broken_plugin_is_called_tells_why_it_is_broken(install, ask):
    install("sour", "import no_such_library")
    kind, message = ask("answer = plugins.storage('sour:x')")
    assert kind == "PluginError"
    assert "no_such_library" in message


def test_a_hook_that_raises_breaks_only_its_plugin(install, ask):
    install(
        "rotten",
        """
        from toil_core.plugins.markers import hookimpl

        @hookimpl
        def toil_job_stores():
            raise ValueError("rotten")
        """,
    )
    answer = ask("answer = [plugins.broken()[0].reason, plugins.storage('file:x')[0].name]")
    assert answer == ["ValueError: rotten", "file"]


def test_two_plugins_with_one_name_are_refused_naming_both(install, ask):
    install("left", STORE.format(name="shelf", contract=1))
    install("right", STORE.format(name="shelf", contract=1))
    kind, message = ask("answer = plugins.storage('shelf:x')")
    assert kind == "PluginError"
    assert "left and right" in message
    assert ask("answer = plugins.broken()[0].reason").endswith("left and right")


def test_a_store_for_a_newer_contract_asks_to_upgrade_the_core(install, ask):
    install("early", STORE.format(name="early", contract=2))
    kind, message = ask("answer = plugins.storage('early:x')")
    assert kind == "PluginError"
    assert "pip install --upgrade toil-core" in message


def test_a_store_for_a_retired_contract_asks_to_upgrade_its_distribution(install, ask):
    install("late", STORE.format(name="late", contract=0))
    _, message = ask("answer = plugins.storage('late:x')")
    assert "pip install --upgrade late" in message


def test_an_observer_that_raises_is_told_nothing_more_and_harms_nobody(install, ask):
    install(
        "nosy",
        """
        from toil_core.plugins.markers import hookimpl
        calls = []

        @hookimpl
        def toil_run_started(run):
            calls.append(run)
            raise RuntimeError("too curious")
        """,
    )
    answer = ask("""
        import nosy_plugin
        plugins.run_started("r1", "file:x")
        plugins.run_started("r2", "file:x")
        answer = nosy_plugin.calls
    """)
    assert answer == ["r1"]


def test_the_installed_list_names_distributions_versions_and_what_they_provide(install, ask):
    install("pantry", STORE.format(name="pantry", contract=1))
    answer = ask("answer = [[one.name, one.distribution, one.version, one.provides] for one in plugins.installed()]")
    assert ["pantry", "pantry", "1.0", [["job store", "pantry"]]] in answer
    assert any(one[1] == "toil-core" and ["job store", "file"] in one[3] for one in answer)


def test_loading_plugins_imports_no_backend_and_no_front_end(ask):
    heavy = ask("""
        import sys
        names = ("toil_core.local.file_storage", "toil_core.local.single_machine", "cwltool", "rich", "yaml")
        answer = [name for name in names if name in sys.modules]
    """)
    assert heavy == []


LANGUAGE = """
    from toil_core.api.specs import LanguageSpec
    from toil_core.plugins.markers import hookimpl

    @hookimpl
    def toil_languages():
        return [LanguageSpec("{name}", "a language", lambda: None, suffixes=(".tale",))]
"""

URL_ACCESS = """
    from toil_core.api.specs import UrlAccessSpec
    from toil_core.plugins.markers import hookimpl

    @hookimpl
    def toil_url_accesses():
        return [UrlAccessSpec("{name}", "URLs", lambda: None, contract={contract}, schemes=("gopher",))]
"""


def test_a_hook_that_returns_no_descriptor_breaks_only_its_plugin(install, ask):
    install(
        "vague",
        """
        from toil_core.plugins.markers import hookimpl

        @hookimpl
        def toil_job_stores():
            return ["a store"]
        """,
    )
    answer = ask("answer = [plugins.broken()[0].reason, plugins.storage('file:x')[0].name]")
    assert answer == ["its hook toil_job_stores returns str, not StorageSpec", "file"]


def test_a_broken_batch_system_does_not_stand_in_the_way_of_a_store_of_its_name(install, ask):
    install(
        "early",
        """
        from toil_core.api.specs import BatchSystemSpec
        from toil_core.plugins.markers import hookimpl

        @hookimpl
        def toil_batch_systems():
            return [BatchSystemSpec("pantry", "newer than the core", lambda: None, contract=2)]
        """,
    )
    install("pantry", STORE.format(name="pantry", contract=1))
    assert ask("answer = plugins.storage('pantry:x')[0].name") == "pantry"
    kind, _ = ask("answer = plugins.batch_system('pantry')")
    assert kind == "PluginError"


def test_two_languages_with_one_suffix_are_refused_naming_both(install, ask):
    install("grimm", LANGUAGE.format(name="grimm"))
    install("perrault", LANGUAGE.format(name="perrault"))
    kind, message = ask("answer = plugins.language('wolf.tale', b'')")
    assert kind == "PluginError"
    assert "grimm and perrault" in message
    assert ask("answer = plugins.broken()[0].reason") == 'Two plugins provide the language ".tale": grimm and perrault'


def test_two_accesses_to_one_url_scheme_are_refused_naming_both(install, ask):
    install("mole", URL_ACCESS.format(name="mole", contract=1))
    install("vole", URL_ACCESS.format(name="vole", contract=1))
    kind, message = ask("answer = plugins.url_access('gopher://x/y')")
    assert kind == "PluginError"
    assert "mole and vole" in message


def test_a_url_access_for_a_newer_contract_asks_to_upgrade_the_core(install, ask):
    install("mole", URL_ACCESS.format(name="mole", contract=2))
    kind, message = ask("answer = plugins.url_access('gopher://x/y')")
    assert kind == "PluginError"
    assert "pip install --upgrade toil-core" in message


WEB_ACCESS = """
    from toil_core.api.specs import UrlAccessSpec
    from toil_core.plugins.markers import hookimpl

    @hookimpl
    def toil_url_accesses():
        return [UrlAccessSpec("{name}", "URLs", lambda: None, schemes=("{name}",), hosts=(".{host}",))]
"""


def test_urls_of_a_web_server_that_has_an_access_of_its_own_go_there(install, ask):
    install("mole", WEB_ACCESS.format(name="mole", host="hill.example"))
    install("vole", WEB_ACCESS.format(name="vole", host="west.hill.example"))
    answer = ask(
        """
        urls = ["https://a.hill.example/x", "http://A.Hill.example:80/x", "https://a.west.hill.example", "mole://a/x",
                "https://hill.example/", "https://ahill.example", "https://b.example/?a.hill.example", "https://[x"]
        answer = [plugins.url_access(url).name for url in urls]
        """
    )
    assert answer == ["mole", "mole", "vole", "mole", "http", "http", "http", "http"]


def test_two_accesses_to_one_web_server_are_refused_naming_both(install, ask):
    install("mole", WEB_ACCESS.format(name="mole", host="hill.example"))
    install("vole", WEB_ACCESS.format(name="vole", host="hill.example"))
    kind, message = ask("answer = plugins.url_access('https://a.hill.example/x')")
    assert kind == "PluginError"
    assert "mole and vole" in message
    assert ask("answer = plugins.url_access('https://b.example/x').name") == "http"


@dataclass(frozen=True)
class BurrowOptions:
    """What a person may say of gophers."""

    depth: int = 1


def test_a_url_access_is_made_with_the_options_that_were_given_for_it():
    module = ModuleType("gopher")

    @hookimpl
    def toil_url_accesses():
        kept = UrlAccessSpec("gopher", "", lambda: lambda options: options, options=BurrowOptions, schemes=("gopher",))
        return [kept]

    module.toil_url_accesses = toil_url_accesses
    plugins = PluginManager([Source("core", "toil_core.local.plugin", plugin), Source("gopher", "gopher", module)], [])
    assert BurrowOptions in backend_options(plugins)
    assert plugins.open_url("gopher://x/y", {BurrowOptions: BurrowOptions(7)}) == BurrowOptions(7)
    assert plugins.open_url("gopher://x/y", {}) is None


def test_what_is_said_to_be_installed_can_be_installed():
    assert set(_EXTRAS.values()) <= set(metadata("toil-core").get_all("Provides-Extra") or ())
