"""Files that could not be read: nothing is known of them, which is said, so that they do not pass for clean."""

from legacy.analysis.finding import Confidence, Finding, Rule, Severity

RULE = Rule(
    id="unread-file",
    title="A file that could not be read",
    why="What is in it was not looked at.",
    mend="Mend its syntax or its encoding, or leave it out with --exclude.",
    severity=Severity.WARNING,
    find=lambda module: (),
)


def unread(path: str, line: int, message: str) -> Finding:
    return Finding(
        path=path,
        line=max(line, 1),
        column=1,
        rule=RULE,
        message=f"Not read: {message}.",
        severity=RULE.severity,
        confidence=Confidence.HIGH,
        text="",
    )
