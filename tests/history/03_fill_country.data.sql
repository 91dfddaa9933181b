-- specql:transaction
-- Where nobody has said anything else, the currency tells.
UPDATE public.tenants
SET country = CASE currency WHEN 'GBP' THEN 'GB' WHEN 'USD' THEN 'US' ELSE 'FR' END
WHERE country IS NULL;
