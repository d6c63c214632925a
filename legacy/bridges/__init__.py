"""Run legacy agent classes unchanged, each turn with its own instance and facades that are bound to one run.
May import legacy.models and the product's packages; not analysis, codemods or rollout."""
