create or replace view mart.revenue_by_day as
select day, sum(amount) as revenue from mart.orders group by day;
