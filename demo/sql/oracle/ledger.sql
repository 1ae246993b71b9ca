-- The ledger: bookings and their balances.
CREATE TABLE fin.bookings (
  booking_id NUMBER, account_id NUMBER, booked_on DATE, amount NUMBER(14, 2), currency VARCHAR2(3)
);

CREATE OR REPLACE VIEW fin.balances AS
SELECT account_id, currency, SUM(amount) AS balance, MAX(booked_on) AS last_booked_on
FROM fin.bookings
GROUP BY account_id, currency;
