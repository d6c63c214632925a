"""The log that a self-test's user brings: small, with a canary in every text that a log can hold."""

from netra.selftest.canaries import Canary

ROWS = 24


def content(canary: Canary) -> bytes:
    """CSV. Most rows name a model that has a price, so that there is a report to compute."""
    lines = [f"timestamp,model,input_tokens,output_tokens,session_id,{canary.of('column')}"]
    for row in range(ROWS):
        model = canary.of("model") if row % 6 == 1 else "gpt-4o"
        session, feature = canary.of("session"), canary.of("feature")
        lines.append(f"2026-01-01T00:{row:02}:00Z,{model},{1000 + row},{10 + row},{session},{feature}")
    return ("\n".join(lines) + "\n").encode()


def mapping(canary: Canary) -> dict[str, str]:
    return {"feature": canary.of("column"), "session": "session_id"}
