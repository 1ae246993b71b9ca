-- The airports of one state; Linkis puts the variable's value in.
select iata, name, city, latitude, longitude
from airports
where state = '${state}'
order by name;
