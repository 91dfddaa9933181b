-- Column, value, and whether it must be taken.
CREATE TEMP TABLE tries (col text, val text, good boolean);
INSERT INTO tries VALUES
    ('email', 'joe@example.org', true), ('email', 'joe+a.b@mail.example.co.uk', true), ('email', 'joe', false), ('email', 'a b@example.org', false), ('email', '@example.org', false),
    ('url', 'https://example.org/x?y=1#z', true), ('url', 'http://localhost:8080', true), ('url', 'example.org', false), ('url', 'https://a b', false),
    ('phone', '+33 1 23 45 67 89', true), ('phone', '(555) 123-4567', true), ('phone', 'call me', false), ('phone_number', '+15551234567', true), ('phone_number', '12', false),
    ('slug', 'a-slug-1', true), ('slug', 'Not a slug', false), ('slug', '-a', false), ('slug', 'a--b', false),
    ('color', '#ff8800', true), ('color', '#FFF', true), ('color', 'red-ish', false), ('color', '#ff88', true), ('color', '#gggggg', false),
    ('domain_name', 'example.org', true), ('domain_name', 'xn--bcher-kva.example', true), ('domain_name', 'no dots', false), ('domain_name', '-a.org', false),
    ('timezone', 'Europe/Paris', true), ('timezone', 'UTC', true), ('timezone', 'America/Argentina/Buenos_Aires', true), ('timezone', 'Etc/GMT+5', true), ('timezone', 'half past', false),
    ('language_code', 'fr', true), ('language_code', 'FR', false), ('language_code', 'french', false),
    ('locale_code', 'fr_FR', true), ('locale_code', 'en-US', true), ('locale_code', 'zh-Hant-TW', true), ('locale_code', 'de', true), ('locale_code', 'French (France)', false),
    ('country_code', 'FR', true), ('country_code', 'fr', false), ('country_code', 'FRA', false),
    ('currency_code', 'EUR', true), ('currency_code', 'usd', false), ('currency_code', '€', false),
    ('postal_code', '75001', true), ('postal_code', 'SW1A 1AA', true), ('postal_code', '!', false),
    ('mime_type', 'text/plain', true), ('mime_type', 'application/vnd.api+json', true), ('mime_type', 'plain', false),
    ('semantic_version', '1.2.3-rc.1+build.5', true), ('semantic_version', '1.2', false), ('semver', '0.10.0', true), ('semver', 'v1.0.0', false), ('semver', '01.0.0', false),
    ('iban', 'DE89370400440532013000', true), ('iban', 'DE89', false), ('iban', 'de89370400440532013000', false),
    ('swift_code', 'DEUTDEFF', true), ('swift_code', 'DEUTDEFF500', true), ('swift_code', 'DEUT', false),
    ('isbn', '978-3-16-148410-0', true), ('isbn', '9783161484100', true), ('isbn', '316148410X', true), ('isbn', '12', false),
    ('ean13', '4006381333931', true), ('ean13', '400638133393', false),
    ('stock_symbol', 'AAPL', true), ('stock_symbol', 'BRK.B', true), ('stock_symbol', 'not a symbol', false),
    ('isin', 'US0378331005', true), ('isin', 'US037833100', false), ('cusip', '037833100', true), ('cusip', '0378', false),
    ('sedol', '0263494', true), ('sedol', '02634940', false), ('lei', '5493001KJTIIGC8Y1R12', true), ('lei', '5493', false),
    ('mic', 'XNYS', true), ('mic', 'NYSE Arca', false), ('exchange_code', 'NYSE', true), ('exchange_code', '', false),
    ('tracking_number', '1Z999AA10123456784', true), ('tracking_number', '?', false),
    ('container_number', 'CSQU3054383', true), ('container_number', 'CSQX3054383', false),
    ('license_plate', 'AB 123 CD', true), ('license_plate', '', false),
    ('vin', '1HGCM82633A004352', true), ('vin', '1HGCM82633A00435O', false), ('vin', '1HGCM8263', false),
    ('flight_number', 'AF1234', true), ('flight_number', 'BA 12', true), ('flight_number', 'flight 12', false),
    ('port_code', 'NLRTM', true), ('port_code', 'Rotterdam', false), ('airport_code', 'CDG', true), ('airport_code', 'LFPG', true), ('airport_code', 'Paris', false),
    ('api_key', 'sk_live_0123456789abcdef', true), ('api_key', 'short', false), ('api_key', 'with space 0123456789', false),
    ('markdown', '# *x*', true), ('html', '<b>', true), ('image', 'a.png', true), ('file', '/tmp/a', true),
    ('money', '99999999.9999', true), ('money', '1e20', false), ('percentage', '99.5', true), ('percentage', '0', true), ('percentage', '100', true), ('percentage', '100.01', false), ('percentage', '-1', false),
    ('exchange_rate', '1.08543210', true), ('latitude', '-90', true), ('latitude', '90.1', false), ('longitude', '180', true), ('longitude', '-180.5', false),
    ('ip_address', '192.168.0.1', true), ('ip_address', '::1', true), ('ip_address', '300.1.1.1', false), ('mac_address', '08:00:2b:01:02:03', true), ('mac_address', 'x', false),
    ('geo_point', '(48.8,2.3)', true), ('geo_point', '(2000,2)', false), ('coordinates', '(48.8,2.3)', true), ('coordinates', '(0,200)', false),
    ('duration', '3 hours', true), ('float', '1.5e300', true), ('datetime', '2024-02-10 12:00+00', true),
    ('at_most', '12345', true), ('at_most', '123456', false), ('between', 'ab', true), ('between', 'a', false), ('between', 'abcde', false),
    ('whole', '-5', true), ('whole', '5', true), ('whole', '6', false), ('whole', '-6', false), ('ratio', '0.5', true), ('ratio', '1.1', false),
    ('emails', '{joe@example.org,a@b.co}', true), ('emails', '{}', true), ('emails', '{joe@example.org,nonsense}', false), ('codes', '{FR,DE}', true), ('codes', '{FR,de}', false),
    ('emails', E'{"joe@example.org\nnonsense"}', false), ('emails', E'{"joe@example.org\n"}', false),
    ('emails', E'{"a@b.co\nc@d.co"}', false), ('emails', '{""}', false), ('emails', '{a@b.co,""}', false), ('emails', '{NULL,a@b.co}', true), ('emails', '{{a@b.co,c@d.co}}', true), ('emails', '{{a@b.co,c@d}}', false),
    ('mime_type', 'text/plain; charset=utf-8', true), ('mime_type', E'text/plain; a\nb', false), ('mime_type', E'text/plain\n;a', false), ('flight_number', E'BA\n12', false), ('port_code', 'NL RTM', true), ('port_code', E'NL\nRTM', false),
    ('names', '{ab,abcd}', true), ('names', E'{"a\nb"}', true), ('names', '{}', true), ('names', '{""}', false), ('names', '{abcde}', false), ('names', '{ab,""}', false), ('notes', '{""}', true), ('notes', '{abcde}', false), ('notes', E'{"ab\x01cd"}', false);
-- A list takes what its type takes, each value and several, and no value with a line end, two in one, or an empty one.
INSERT INTO tries
SELECT 'list_' || col, hostile::text, fine
FROM (SELECT col, val, good FROM tries WHERE col IN (SELECT substr(attname, 6) FROM pg_attribute WHERE attrelid = 'samples'::regclass AND attname LIKE 'list\_%')) AS one,
    LATERAL (VALUES (ARRAY[val], good), (ARRAY[val, val], good), (ARRAY[val, NULL], good), (ARRAY[val || E'\n' || val], false), (ARRAY[val || E'\n'], false),
        (ARRAY[E'\n' || val], false), (ARRAY[val, '?'], false), (ARRAY[val, ''], false), (ARRAY[''], false)) AS lists (hostile, fine);

INSERT INTO samples DEFAULT VALUES;
DO $$
DECLARE
    try record;
BEGIN
    FOR try IN SELECT * FROM tries LOOP
        BEGIN
            EXECUTE format('UPDATE samples SET %I = %L', try.col, try.val);
            IF NOT try.good THEN RAISE EXCEPTION 'accepted: % %', try.col, try.val; END IF;
        EXCEPTION
            WHEN check_violation OR data_exception OR invalid_text_representation THEN
                IF try.good THEN RAISE EXCEPTION 'refused: % % (%)', try.col, try.val, SQLERRM; END IF;
        END;
    END LOOP;
END $$;
CREATE TABLE tried AS SELECT DISTINCT col FROM tries WHERE good;
