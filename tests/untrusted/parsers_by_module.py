"""Modules that parse and have no row in the table, and why: whose text they read. One that ends in "/" is a folder."""

from collections.abc import Mapping
from types import MappingProxyType

ANSWERS = "it only writes answers"
ISOLATION_TEST = "the isolation test's own client, which reads our server's responses"
SETTINGS = "settings of the installation, read once when it starts"
SOURCES = "source code, read by a command that somebody runs on their own machine"
CHILD = "a log, read in a process of its own with a time limit (workloads/ingest/sandbox.py); its result is ours"
ASSUMPTIONS = "assumptions that we have checked and stored"
FORM = (
    "a form of the administration, for operators; Django bounds its fields, and netra/middleware/validation.py "
    "the form as a whole"
)

OURS: Mapping[str, str] = MappingProxyType(
    {
        "agents/framework/validation.py": "names in the code of agents, looked at when the process starts",
        "agents/llm/config.py": SETTINGS,
        "agents/llm/metering.py": SETTINGS,
        "agents/retention.py": "names of our own folders",
        "agents/run_conditions.py": ASSUMPTIONS,
        "agents/run_rows.py": ASSUMPTIONS,
        "workloads/pricing/price_file.py": "the operator's price file, of 4 MiB at most",
        "agents/language/reading.py": "turns of a conversation that we have stored",
        "agents/framework/shared_state.py": "the code of agents, looked at when the process starts",
        "legacy/analysis/": SOURCES,
        "legacy/bridges/local_tools.py": "arguments of a call, which come through tools/execution.py",
        "legacy/codemods/": SOURCES,
        "accounts/adapters.py": "addresses of ours, and one to go on to, of 2,048 characters at most",
        "accounts/forms.py": "fields of the sign-in, bounded by netra/middleware/validation.py",
        "core/admin/base.py": "it writes addresses",
        "core/jobs/procrastinate_queue.py": "jobs that we have stored",
        "core/objects/store.py": SETTINGS,
        "core/models.py": "sentences that we have stored",
        "core/templatetags/netra_i18n.py": "our templates, when they are first used",
        "core/i18n/extraction.py": "our sources, when catalogues are made",
        "netra/backups/": "a backup that the operator restores, on their own machine",
        "netra/origins.py": SETTINGS,
        "netra/scale_out/launcher.py": "passwords that it has made",
        "netra/scale_out/s3_server.py": "changes that it has recorded itself",
        "operators/isolation_test/": ISOLATION_TEST,
        "realtime/api/texts.py": ANSWERS,
        "workloads/api/readings.py": ANSWERS,
        "realtime/broadcast.py": "messages of our own processes, which come over the channel layer",
        "tools/policy/forms.py": FORM,
        "tools/repeats.py": "JSON that it has just written",
        "workloads/files/orphans.py": "keys and names of files that we have made",
        "workloads/focus/export.py": "it writes a file",
        "workloads/exact_json.py": "figures that we have stored",
        "workloads/log_record.py": "names of objects that we have stored",
        "workloads/analysis/calculator_child.py": "questions of ours to a process of ours",
        "workloads/retention.py": "names of files in our own folder, of 255 bytes at most",
        "workloads/invoices/reading.py": "its task, which we wrote",
        "workloads/invoices/storage.py": "invoices that we have stored",
        "workloads/ingest/reading/macros.py": "words of ours, when macros are made",
        "workloads/ingest/reading/table.py": CHILD,
        "workloads/ingest/spreadsheets.py": CHILD,
        "workloads/invoices/reconcile.py": "names in our price list",
        "workloads/levers/repricing/smaller_models.py": "names in our price list",
        "workloads/pricing/purchases.py": "names in our price list",
        "workloads/pricing/rates.py": "comments in our price list",
        "workloads/ingest/database.py": CHILD,
    }
)
