create or replace table mart_revenue as
select c.name, o.day, sum(o.amount) as revenue
from staging_orders o join staging_customers c on c.id = o.id
where o.day = date '${day}'
group by c.name, o.day;
