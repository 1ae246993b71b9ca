create table staging.customers as
select
  c.customer_id,
  upper(c.country) as country
from raw.customers c;
