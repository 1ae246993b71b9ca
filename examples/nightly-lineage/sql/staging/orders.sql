-- What the shop's database sends every night, cleaned.
create table staging.orders as
select
  o.order_id,
  o.customer_id,
  o.product_id,
  cast(o.quantity as int) as quantity,
  cast(o.price as decimal(12, 2)) as price,
  to_date(o.ordered_at) as ordered_on
from raw.orders o
where o.order_id is not null;
