-- Sessions and what they brought in.
CREATE OR REPLACE TABLE marts.sessions AS
WITH bounds AS (
  SELECT session_id, user_id, MIN(happened_at) AS started_at, MAX(happened_at) AS ended_at
  FROM staging.events
  GROUP BY session_id, user_id
),
money AS (
  SELECT session_id, SUM(amount) AS revenue
  FROM staging.events
  WHERE kind = 'PURCHASE'
  GROUP BY session_id
)
SELECT b.session_id, b.user_id, b.started_at,
       DATEDIFF('second', b.started_at, b.ended_at) AS seconds,
       m.revenue
FROM bounds b
LEFT JOIN money m ON m.session_id = b.session_id;
