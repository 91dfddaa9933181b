-- specql:transaction
-- What was filled in and what was known before cannot be told apart, and harms nobody.
SELECT 1;
