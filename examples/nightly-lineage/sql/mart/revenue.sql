create table mart.revenue as
select
  s.country,
  s.ordered_on,
  sum(s.amount) as revenue
from dw.sales s
group by s.country, s.ordered_on;
