-- One row a line of an order, in euros.
WITH open_orders AS (
  SELECT order_id, customer_id, store_id, currency, ordered_at, dt
  FROM ods.orders
  WHERE status <> 'CANCELLED'
)
INSERT OVERWRITE TABLE dwd.sale
SELECT
  o.order_id,
  l.line_no,
  o.customer_id,
  o.store_id,
  l.product_id,
  o.ordered_at,
  l.quantity,
  (l.quantity * l.unit_price - l.discount) * r.to_eur AS revenue_eur,
  l.quantity * p.cost                                 AS cost_eur
FROM open_orders o
JOIN ods.order_lines l ON l.order_id = o.order_id AND l.dt = o.dt
JOIN ods.products p    ON p.product_id = l.product_id
LEFT JOIN ods.rates r  ON r.currency = o.currency AND r.dt = o.dt;
