"""The SQL of a log's models and their rates: the TEMP tables `names`, `rates` and `stated`."""

MAX_NAMES = 1000
"""Number of distinct (model, provider) that are looked up, those with the most tokens first; a log usually has tens of
them. All others are one entry, never rows in Python."""


CREATE_RATES = """CREATE TEMP TABLE rates (
    key INTEGER, model VARCHAR, provider VARCHAR, cache_minimum BIGINT, cache_step BIGINT, cache_ttl BIGINT,
    is_cache_automatic BOOLEAN,
    valid_from TIMESTAMP, valid_to TIMESTAMP, from_second BIGINT, to_second BIGINT, min_input BIGINT, max_input BIGINT,
    p_fresh DECIMAL(18,12), p_read DECIMAL(18,12), p_write DECIMAL(18,12), p_write_1h DECIMAL(18,12),
    p_output DECIMAL(18,12), p_audio_input DECIMAL(18,12), p_audio_read DECIMAL(18,12), p_audio_output DECIMAL(18,12),
    p_image_input DECIMAL(18,12), p_image_output DECIMAL(18,12), p_reasoning DECIMAL(18,12), p_search DECIMAL(18,12),
    p_request DECIMAL(18,12), tier VARCHAR, area VARCHAR)"""


CREATE_STATED = """CREATE OR REPLACE TEMP TABLE stated AS
SELECT model, provider, true AS is_stated FROM names GROUP BY model, provider HAVING sum(logged_cost) > 0"""
"""The models for which the log states a cost. A gateway writes 0 for a model that it does not know, so a model with
nothing but zeros has no stated cost."""


CREATE_NAMES = """CREATE TEMP TABLE names AS
SELECT *, row_number() OVER (ORDER BY tokens DESC, model, provider, tier, area) - 1 AS key FROM ({names})"""


SELECT_NAMES = f"""SELECT key, model, provider, tier, area, requests, tokens, first, last, first_second, last_second,
        least_input, most_input
    FROM names WHERE key < {MAX_NAMES} ORDER BY key"""


SELECT_OTHERS = f"""SELECT count(*), CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END,
        sum(tokens)::BIGINT
    FROM names WHERE key >= {MAX_NAMES}"""


SELECT_UNPRICED_DAYS = f"""SELECT model, provider, CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END,
        sum(fresh_input + cache_read + cache_write + output)::BIGINT AS tokens
    FROM priced
    WHERE cost IS NULL AND EXISTS (SELECT 1 FROM rates WHERE rates.model IS NOT DISTINCT FROM priced.model
        AND rates.provider IS NOT DISTINCT FROM priced.provider AND rates.tier IS NOT DISTINCT FROM priced.service_tier
        AND rates.area IS NOT DISTINCT FROM priced.geography)
    GROUP BY ALL ORDER BY tokens DESC, model, provider LIMIT {MAX_NAMES}"""
