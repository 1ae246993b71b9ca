-- Public data sets of the npm package vega-datasets: seattle-weather.csv and stocks.csv.
select weather, count(*) as days, round(avg(temp_max), 1) as warmest
from seattle_weather
group by weather
order by days desc;

select symbol, round(max(price), 2) as peak, round(stddev(price), 2) as spread
from stocks
group by symbol
order by symbol;

select state, count(*) as airports
from airports
where state is not null
group by state
order by airports desc
limit 5;
