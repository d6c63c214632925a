"""The SQL that prices a log: the TEMP table `rates`, the TEMP view `priced`, and the names of a log's models."""

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
SELECT model, provider, true AS is_stated FROM log.requests GROUP BY model, provider HAVING sum(logged_cost) > 0"""
"""The models for which the log states a cost. A gateway writes 0 for a model that it does not know, so a model with
nothing but zeros has no stated cost."""


_RATED = """SELECT r.*, r.fresh_input + r.cache_read + r.cache_write AS input,
        p.* EXCLUDE (model, provider, tier, area), coalesce(s.is_stated, false) AS is_stated
    FROM log.requests r LEFT JOIN stated s ON r.model IS NOT DISTINCT FROM s.model
        AND r.provider IS NOT DISTINCT FROM s.provider LEFT JOIN rates p ON r.model IS NOT DISTINCT FROM p.model
        AND r.provider IS NOT DISTINCT FROM p.provider
        AND r.service_tier IS NOT DISTINCT FROM p.tier AND r.geography IS NOT DISTINCT FROM p.area
        AND r."at" >= p.valid_from AND r."at" < p.valid_to
        AND (epoch_us(r."at") // 1000000) % 86400 >= p.from_second
        AND (epoch_us(r."at") // 1000000) % 86400 < p.to_second
        AND CASE WHEN r.is_sum THEN 0 ELSE r.fresh_input + r.cache_read + r.cache_write END
            BETWEEN p.min_input AND p.max_input"""


_PARTS = f"""SELECT *,
        (fresh_input * p_fresh + cache_read * p_read + cache_write * p_write)::DECIMAL(24,12) AS plain_input,
        (audio_input * (p_audio_input - p_fresh) + image_input * (p_image_input - p_fresh) + audio_read
            * (p_audio_read - p_read) + cache_write_1h * (p_write_1h - p_write))::DECIMAL(24,12) AS kinds_input,
        (audio_output * (p_audio_output - p_output) + image_output * (p_image_output - p_output)
            + least(reasoning, output) * (p_reasoning - p_output))::DECIMAL(24,12) AS kinds_output,
        (CASE WHEN is_sum THEN 0 ELSE searches * p_search + p_request END)::DECIMAL(24,12) AS fees,
        (CASE WHEN p_fresh IS NULL AND is_stated AND logged_cost >= 0 THEN logged_cost END)::DECIMAL(24,12)
            AS stated_cost
    FROM ({_RATED})"""


_SUBTOTALS = f"""SELECT *, (kinds_input + kinds_output + fees)::DECIMAL(24,12) AS surcharge,
        (plain_input + kinds_input)::DECIMAL(24,12) AS cost_input,
        (output * p_output + kinds_output)::DECIMAL(24,12) AS cost_output,
        ((cache_read - audio_read) * (p_fresh - p_read) + audio_read * (p_audio_input - p_audio_read)
            - (cache_write - cache_write_1h) * (p_write - p_fresh)
            - cache_write_1h * (p_write_1h - p_fresh))::DECIMAL(24,12) AS cache_saving
    FROM ({_PARTS})"""


SELECT_PRICED = f"""SELECT *, coalesce(cost, stated_cost) AS spend
    FROM (SELECT *, (cost_input + cost_output + fees)::DECIMAL(24,12) AS cost FROM ({_SUBTOTALS}))"""
"""In layers, because a name that the same SELECT defines is bound again, with all that it stands for, at each use."""


SELECT_PRICED_IN_PLACE = SELECT_PRICED.replace("SELECT r.*,", "SELECT r.*, r.rowid AS place,")
"""The same with the place of each row in the table, which a view, such as an old log's, does not have."""


CREATE_PRICED = f"CREATE TEMP VIEW priced AS {SELECT_PRICED}"
"""Every row with its rates and its cost, NULL without a price. `key` is that of PricedModel. `stated_cost` is the log's
own cost of a row without a price, `spend` is either. Levers see the cost alone: without a price per token, nothing can
be saved or moved.

`surcharge` is what fees, and kinds of tokens with prices of their own, cost beyond the prices of the four buckets. A
sum of requests has the price of short prompts, and no fees. `cache_saving` is what the provider's cache saved, negative
if it was only written."""


CREATE_NAMES = """CREATE TEMP TABLE names AS
SELECT *, row_number() OVER (ORDER BY tokens DESC, model, provider, tier, area) - 1 AS key
FROM (
    SELECT model, provider, service_tier AS tier, geography AS area,
        CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END AS requests,
        sum(fresh_input + cache_read + cache_write + output)::BIGINT AS tokens, min("at") AS first, max("at") AS last,
        min(second)::BIGINT AS first_second, max(second)::BIGINT AS last_second,
        min(input)::BIGINT AS least_input, max(input)::BIGINT AS most_input
    FROM (
        SELECT *, (epoch_us("at") // 1000000) % 86400 AS second,
            CASE WHEN is_sum THEN 0 ELSE fresh_input + cache_read + cache_write END AS input
        FROM log.requests
    )
    GROUP BY ALL
)"""


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
