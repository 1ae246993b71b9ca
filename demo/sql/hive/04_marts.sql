-- What the dashboards read.
CREATE VIEW IF NOT EXISTS dm.customer_value AS
SELECT
  c.customer_id,
  c.full_name,
  c.country,
  count(DISTINCT s.order_id)          AS orders,
  sum(s.revenue_eur)                  AS revenue_eur,
  sum(s.revenue_eur - s.cost_eur)     AS margin_eur,
  max(s.ordered_at)                   AS last_order_at
FROM dwd.sale s
JOIN dwd.customer c ON c.customer_id = s.customer_id
GROUP BY c.customer_id, c.full_name, c.country;

CREATE TABLE dm.category_month AS
SELECT
  p.category,
  date_format(s.ordered_at, 'yyyy-MM') AS month,
  sum(s.quantity)                      AS quantity,
  sum(s.revenue_eur)                   AS revenue_eur
FROM dwd.sale s
JOIN ods.products p ON p.product_id = s.product_id
GROUP BY p.category, date_format(s.ordered_at, 'yyyy-MM');

INSERT INTO TABLE dm.top_customers
SELECT customer_id, full_name, revenue_eur
FROM dm.customer_value
WHERE revenue_eur > 10000
UNION ALL
SELECT customer_id, full_name, margin_eur
FROM dm.customer_value
WHERE orders > 50;
