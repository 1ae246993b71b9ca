create table dw.sales as
select
  o.order_id,
  o.ordered_on,
  c.country,
  o.product_id,
  o.quantity * o.price as amount
from staging.orders o
join staging.customers c on c.customer_id = o.customer_id;
