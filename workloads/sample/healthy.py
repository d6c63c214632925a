"""The scenes with nothing to find: a report that sees waste here is wrong."""

from workloads.sample.call import Call
from workloads.sample.prompt import continued, written
from workloads.sample.scene import Played, Setting, call


def coding(setting: Setting) -> Played:
    """Long sessions with tools, cached as they should be: every turn reads what the one before wrote."""
    dice = setting.dice
    calls: list[Call] = []
    for number, start in enumerate(dice.moments(max(1, setting.requests // 8), setting.days)):
        session, user, at = f"coding-{number:05d}", dice.user(40), start
        prompt, cached = written(setting.seed, session, dice.between(2_500, 5_000)), 0
        for turn in range(dice.between(4, 12)):
            calls.append(
                call(
                    dice,
                    prompt,
                    at=at,
                    feature="coding-assistant",
                    model="claude-sonnet-4-5",
                    output=dice.between(100, 900),
                    user=user,
                    streamed=True,
                    read=cached,
                    write=prompt.full - cached,
                    tools=True,
                    session=session,
                )
            )
            cached = prompt.full
            prompt = continued(prompt, f"{session} {turn}", dice.between(200, 1_200))
            at += dice.between(20_000, 240_000)
    return Played(calls=tuple(calls))


def autocomplete(setting: Setting) -> Played:
    return _short(setting, "autocomplete", "gpt-4o-mini", tokens=(80, 600), output=(5, 60), streamed=True)


def translation(setting: Setting) -> Played:
    return _short(setting, "translation", "gemini-2.5-flash", tokens=(100, 900), output=(80, 800), streamed=False)


def moderation(setting: Setting) -> Played:
    return _short(setting, "moderation", "claude-haiku-4-5", tokens=(150, 700), output=(3, 12), streamed=False)


def _short(
    setting: Setting, feature: str, model: str, *, tokens: tuple[int, int], output: tuple[int, int], streamed: bool
) -> Played:
    """Short, unlike prompts to a small model."""
    dice = setting.dice
    return Played(
        calls=tuple(
            call(
                dice,
                written(setting.seed, f"{feature} {number}", dice.between(*tokens)),
                at=at,
                feature=feature,
                model=model,
                output=dice.between(*output),
                user=dice.user(300),
                streamed=streamed,
            )
            for number, at in enumerate(dice.moments(setting.requests, setting.days))
        )
    )
