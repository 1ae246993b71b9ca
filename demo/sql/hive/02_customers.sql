-- The last known state of each customer.
INSERT OVERWRITE TABLE dwd.customer
SELECT
  latest.customer_id,
  concat_ws(' ', latest.first_name, latest.last_name) AS full_name,
  lower(latest.email)                                 AS email,
  coalesce(latest.country, 'unknown')                 AS country
FROM (
  SELECT
    customer_id, first_name, last_name, email, country,
    row_number() OVER (PARTITION BY customer_id ORDER BY updated_at DESC) AS rn
  FROM ods.customers
) latest
WHERE latest.rn = 1;
