-- Web events, cleaned.
CREATE TABLE raw.events (
  event_id STRING, user_id NUMBER, session_id STRING, kind STRING, page STRING,
  happened_at TIMESTAMP_NTZ, amount NUMBER(12, 2)
);

CREATE OR REPLACE VIEW staging.events AS
SELECT
  event_id,
  user_id,
  session_id,
  UPPER(kind)                          AS kind,
  SPLIT_PART(page, '?', 1)             AS page,
  happened_at,
  COALESCE(amount, 0)                  AS amount
FROM raw.events
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY happened_at DESC) = 1;
