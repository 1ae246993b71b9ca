-- Every day of Seattle's weather with every price: more than 800,000 rows.
select w.date as day, w.weather, w.temp_max, s.symbol, s.price
from seattle_weather w
cross join stocks s;
