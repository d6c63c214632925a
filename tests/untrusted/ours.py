"""Modules that parse and have no row in the table, and why: whose text they read. One that ends in "/" is a folder."""

from collections.abc import Mapping
from types import MappingProxyType

ANSWERS = "it only writes answers"
SELFTEST = "the self-test's own client, which reads what our server answers"
SETTINGS = "settings of the installation, read once when it starts"
SOURCES = "source code, read by a command that somebody runs on their own machine"
CHILD = "a log, read in the reader's own process with a time limit (workloads/sandbox.py); its result is ours"
FORM = "a form of the administration, for operators; Django bounds its fields, netra/bodies.py what it holds in all"

OURS: Mapping[str, str] = MappingProxyType(
    {
        "agents/compliance.py": "names in the code of agents, looked at when the process starts",
        "agents/modelchoice.py": SETTINGS,
        "agents/modelprice.py": SETTINGS,
        "agents/scratch.py": "names of our own folders",
        "agents/shared_state.py": "the code of agents, looked at when the process starts",
        "legacy/admin/ruleform.py": FORM,
        "legacy/analysis/": SOURCES,
        "legacy/bridges/localtool.py": "arguments of a call, which come through tools/arguments.py",
        "legacy/codemods/": SOURCES,
        "netra/accounts/api/me.py": ANSWERS,
        "netra/accounts/adapter.py": "addresses of ours, and one to go on to, of 2,048 characters at most",
        "netra/accounts/passwords.py": "fields of the sign-in, bounded by netra/accounts/formlimits.py",
        "netra/core/admin/links.py": "it writes addresses",
        "netra/core/api/language.py": ANSWERS,
        "netra/core/models/words.py": "sentences that we have stored",
        "netra/core/templatetags/saying.py": "our templates, when they are first used",
        "netra/headers.py": ANSWERS,
        "netra/language/collected.py": "our sources, when catalogues are made",
        "netra/origins.py": SETTINGS,
        "netra/requestid.py": ANSWERS,
        "netra/selftest/": SELFTEST,
        "realtime/api/texts.py": ANSWERS,
        "tools/policy/forms.py": FORM,
        "tools/spending/forms.py": FORM,
        "workloads/answers.py": "figures that we have stored",
        "workloads/api/source.py": ANSWERS,
        "workloads/calculation.py": "questions of ours to a process of ours",
        "workloads/orphans.py": "names of files in our own folder, of 255 bytes at most",
        "workloads/reading/": CHILD,
        "workloads/store.py": CHILD,
    }
)
