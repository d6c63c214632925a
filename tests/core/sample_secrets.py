"""Secrets as they are found in logs and messages: made up here, valid nowhere. Written in parts, or scanners of
repositories would take them for real ones."""

_LONG = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"

KEYS: dict[str, str] = {
    "openai": "sk-" + _LONG,
    "openai project": "sk-proj-" + _LONG + "_" + _LONG + "-x",
    "anthropic": "sk-ant-api03-" + _LONG + "-" + _LONG + "AA",
    "openrouter": "sk-or-v1-" + "0123456789abcdef" * 4,
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + _LONG,
    "github app": "ghs_" + _LONG,
    "github fine-grained": "github_pat_" + "11ABCDEFG0" + "_" + _LONG,
    "slack": "xoxb-" + "123456789012-1234567890123-" + "AbCdEfGhIjKl",
    "google": "AIza" + "SyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v",
    "hugging face": "hf_" + _LONG,
    "gitlab": "glpat-" + "xY3zaB5cD7eF9gH1iJ3k",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "jwt without a signature": "eyJhbGciOiJub25lIn0." + "eyJzdWIiOiIxIn0.",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/IBAAK\nCAQEAx==\n-----END RSA PRIVATE KEY-----",
    "openssh": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n",
    "pem cut off": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh",
}
"""Kind and secret: nothing of it may be left."""

SAID: tuple[tuple[str, str], ...] = (
    ("Authorization: Bearer {}", "Zm9vYmFy.abc-123"),
    ("authorization: {}", "letmeinletmein"),
    ("curl -H 'Authorization: Basic {}'", "dXNlcjpodW50ZXIy"),
    ('{{"Authorization": "Bearer {}"}}', "qq7"),
    ("bearer {} is what it sent", "0123-abcdef"),
    ("Basic {}", "dXNlcjpodW50ZXIyMQ=="),
    ("password={}", "hunter2"),
    ("https://x.example/cb?access_token={}&state=1", "hunter2hunter2"),
    ("DB_PASSWORD='{}'", "two words"),
    ("aws_secret_access_key = {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
    ('{{"password": "{}"}}', "hunter2"),
    ("{{'api_key': '{}'}}", "hunter2"),
    ("apiKey: {}", "hunter2"),
    ("client_secret => '{}'", "hunter2"),
    ("postgres://netra:{}@db.example:5432/netra", "hun:ter@2"),
    ("redis://:{}@127.0.0.1/0", "hunter2"),
)
"""Sentence and the part of it that may not be left."""

ORDINARY = (
    "Spend is 1,234.56 USD (12.5 %) over 1000000 calls and 98765432109876543210 input_tokens.",
    "first_token_ms: 231, tokens=12, max_tokens=4096, token_count: 7, cached_tokens: 0",
    "run 8b8b5f5e-6a0c-4a37-a4a9-5e3fd4b7f0a1 of 8B8B5F5E6A0C4A37A4A95E3FD4B7F0A1",
    "prefix block 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0ba35bd4bda1e1d1ef2a3b, 46b9dd2b0ba88d13",
    "azure_2024-05.csv.gz, sk-learn-results-2026-11.parquet, C:\\new\\task.json, key=value.txt, monkey.csv",
    "Alex Doe <alex.doe+netra@mail.example.com> asked at 2026-11-22T21:43:48+00:00",
    "https://docs.example:8443/a/b?page=2#x and http://127.0.0.1:8000/a@b",
    "the bearer of bad news needs Bearer authentication, basic training, a risk-adjusted and task-oriented plan",
    "gpt-4o-2024-08-06, claude-sonnet-4, gemini-1.5-pro-002, mistral-large-2411, text-embedding-3-small",
    "-----\n| model | usd |\n|-------|-----|\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "secrets of the trade; no password was asked for; the secretary: Ann; Asia: 12 %; keyboard: 3",
    'Grüße, 你好, \U0001f600 \\u0041 \\n "quoted" \'single\' {"key": "value"}',
)
