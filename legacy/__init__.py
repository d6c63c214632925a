"""The migration kit for agents written for the old platform: bridges, analysis, codemods, rollout.
May import every other package; nothing imports it. Loaded only where NETRA_LEGACY is set."""
