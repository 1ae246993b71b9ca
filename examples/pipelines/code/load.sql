insert overwrite table ods.orders partition (day = '${day}')
select id, customer_id, amount from staging.orders where order_day = '${day}';
