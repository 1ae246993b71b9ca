-- What the shop's systems deliver each night, as it arrives.
CREATE DATABASE IF NOT EXISTS ods;
CREATE DATABASE IF NOT EXISTS dwd;
CREATE DATABASE IF NOT EXISTS dm;

CREATE TABLE IF NOT EXISTS ods.orders (
  order_id     BIGINT,
  customer_id  BIGINT,
  store_id     INT,
  status       STRING,
  ordered_at   TIMESTAMP,
  currency     STRING,
  dt           STRING
) STORED AS ORC;

CREATE TABLE IF NOT EXISTS ods.order_lines (
  order_id    BIGINT,
  line_no     INT,
  product_id  BIGINT,
  quantity    INT,
  unit_price  DECIMAL(12, 2),
  discount    DECIMAL(12, 2),
  dt          STRING
) STORED AS ORC;

CREATE TABLE IF NOT EXISTS ods.customers (
  customer_id  BIGINT,
  first_name   STRING,
  last_name    STRING,
  email        STRING,
  country      STRING,
  updated_at   TIMESTAMP
) STORED AS ORC;

CREATE TABLE IF NOT EXISTS ods.products (
  product_id  BIGINT,
  name        STRING,
  category    STRING,
  cost        DECIMAL(12, 2)
) STORED AS ORC;

CREATE TABLE IF NOT EXISTS ods.rates (
  currency  STRING,
  dt        STRING,
  to_eur    DECIMAL(12, 6)
) STORED AS ORC;
