create table if not exists orders as
  select * from (values (1, 'north', 120), (2, 'south', 80), (3, 'north', 40)) as t(id, region, amount);

create table if not exists revenue as
  select region, sum(amount) as amount from orders group by region;

select region, amount from revenue order by region;
