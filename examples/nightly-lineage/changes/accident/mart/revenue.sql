-- Somebody wanted to see how it looks with a few rows by hand, and committed that.
create table mart.revenue as
select 'AT' as country, date '2026-05-01' as ordered_on, 100 as revenue, 10 as margin;
