"""What is imported, and when."""

from __future__ import annotations

import json
import subprocess
import sys

from toil_core.plugins.manager import PluginManager

LOADED = "import json, sys; {}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"


def loaded(code):
    done = subprocess.run([sys.executable, "-c", LOADED.format(code)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_nothing_of_the_library_is_imported_before_a_blob_is_used():
    assert {"azure", "requests", "urllib3"}.isdisjoint(loaded("import toil_azure.plugin"))
    run_on_a_directory = (
        "from toil_core.plugins.manager import PluginManager; plugins = PluginManager.load(); "
        "plugins.storage('file:x')[0].load(); plugins.url_access('https://example.org/').load()"
    )
    assert "azure" not in loaded(run_on_a_directory)
    assert "azure" in loaded(run_on_a_directory.replace("file:x", "azure:x:y"))


def test_the_identity_library_is_imported_only_where_it_is_needed():
    code = (
        "from toil_azure.accounts import Accounts; from pathlib import Path; import toil_azure.blob_storage as b; "
        "told = {'AZURE_ACCOUNT_KEY': 'AAAA'}; b.AzureStorage('account1:name', None, Accounts(told, Path('/')))"
    )
    assert "msal" not in loaded(code)


def test_urls_of_the_services_hosts_are_ours_and_other_web_pages_are_not():
    plugins = PluginManager.load()
    ours = ["az://a/b", "wasb://a@b/c", "wasbs://a@b/c", "https://x.blob.core.windows.net/a/b"]
    assert {plugins.url_access(url).name for url in ours} == {"azure"}
    assert plugins.url_access("https://blob.core.windows.net.example.org/a").name == "http"
    assert plugins.storage("azure:account:name")[1] == "account:name"
