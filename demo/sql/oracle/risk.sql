-- Added later: accounts that need a look.
CREATE TABLE fin.accounts (account_id NUMBER, owner_name VARCHAR2(100), credit_line NUMBER(14, 2));

INSERT INTO fin.watch_list (account_id, owner_name, overdrawn)
SELECT a.account_id, a.owner_name, NVL(b.balance, 0) + a.credit_line
FROM fin.accounts a
LEFT JOIN fin.balances b ON b.account_id = a.account_id
WHERE NVL(b.balance, 0) + a.credit_line < 0;
