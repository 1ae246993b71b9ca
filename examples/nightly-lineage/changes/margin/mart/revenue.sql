create table mart.revenue as
select
  s.country,
  s.ordered_on,
  sum(s.amount) as revenue,
  sum(s.margin) as margin
from dw.sales s
group by s.country, s.ordered_on;
