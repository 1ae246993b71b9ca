-- The users' totals, kept up to date.
MERGE INTO marts.users t
USING (
  SELECT user_id, COUNT(*) AS sessions, SUM(revenue) AS revenue, MAX(started_at) AS last_seen_at
  FROM marts.sessions
  GROUP BY user_id
) s
ON t.user_id = s.user_id
WHEN MATCHED THEN UPDATE SET
  t.sessions = t.sessions + s.sessions,
  t.revenue = t.revenue + s.revenue,
  t.last_seen_at = s.last_seen_at
WHEN NOT MATCHED THEN INSERT (user_id, sessions, revenue, last_seen_at)
  VALUES (s.user_id, s.sessions, s.revenue, s.last_seen_at);
