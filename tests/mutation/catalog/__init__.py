"""All mutations, by what they break."""

from tests.mutation.catalog import (
    authority,
    calls,
    deletion,
    delivery,
    dispatch,
    figures,
    logs,
    models,
    queries,
    requests,
    rows,
    runs,
    stream,
)
from tests.mutation.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *rows.MUTATIONS,
    *stream.MUTATIONS,
    *delivery.MUTATIONS,
    *authority.MUTATIONS,
    *runs.MUTATIONS,
    *dispatch.MUTATIONS,
    *calls.MUTATIONS,
    *models.MUTATIONS,
    *queries.MUTATIONS,
    *deletion.MUTATIONS,
    *requests.MUTATIONS,
    *logs.MUTATIONS,
    *figures.MUTATIONS,
)
