"""The scenes without waste. A report that finds savings in them is wrong."""

from workloads.sample.requests import SampleRequest, continue_prompt, create_prompt
from workloads.sample.scene import SceneResult, SceneSettings, build_request


def generate_coding(settings: SceneSettings) -> SceneResult:
    """Long, properly cached sessions with tools: every turn reads the prefix that the previous one wrote."""
    random = settings.random
    calls: list[SampleRequest] = []
    for number, start in enumerate(random.draw_moments(max(1, settings.requests // 8), settings.days)):
        session, user, at = f"coding-{number:05d}", random.draw_user(40), start
        prompt, cached = create_prompt(settings.seed, session, random.draw_integer(2_500, 5_000)), 0
        for turn in range(random.draw_integer(4, 12)):
            calls.append(
                build_request(
                    random,
                    prompt,
                    at=at,
                    feature="coding-assistant",
                    model="claude-sonnet-4-5",
                    output=random.draw_integer(100, 900),
                    user=user,
                    streamed=True,
                    read=cached,
                    write=prompt.full_tokens - cached,
                    tools=True,
                    session=session,
                )
            )
            cached = prompt.full_tokens
            prompt = continue_prompt(prompt, f"{session} {turn}", random.draw_integer(200, 1_200))
            at += random.draw_integer(20_000, 240_000)
    return SceneResult(calls=tuple(calls))


def generate_autocomplete(settings: SceneSettings) -> SceneResult:
    return _generate_short_prompts(
        settings, "autocomplete", "gpt-4o-mini", tokens=(80, 600), output=(5, 60), streamed=True
    )


def generate_translation(settings: SceneSettings) -> SceneResult:
    return _generate_short_prompts(
        settings, "translation", "gemini-2.5-flash", tokens=(100, 900), output=(80, 800), streamed=False
    )


def generate_moderation(settings: SceneSettings) -> SceneResult:
    return _generate_short_prompts(
        settings, "moderation", "claude-haiku-4-5", tokens=(150, 700), output=(3, 12), streamed=False
    )


def _generate_short_prompts(
    settings: SceneSettings,
    feature: str,
    model: str,
    *,
    tokens: tuple[int, int],
    output: tuple[int, int],
    streamed: bool,
) -> SceneResult:
    """Generate short prompts to a small model, all different."""
    random = settings.random
    return SceneResult(
        calls=tuple(
            build_request(
                random,
                create_prompt(settings.seed, f"{feature} {number}", random.draw_integer(*tokens)),
                at=at,
                feature=feature,
                model=model,
                output=random.draw_integer(*output),
                user=random.draw_user(300),
                streamed=streamed,
            )
            for number, at in enumerate(random.draw_moments(settings.requests, settings.days))
        )
    )
