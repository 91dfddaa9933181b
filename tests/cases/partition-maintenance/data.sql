INSERT INTO sales (at, region) SELECT date '2024-02-01' + n, CASE n % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'fr' ELSE 'us' END FROM generate_series(0, 149) n;
INSERT INTO visits (at, site) VALUES ('2024-02-06 00:00+00', 'a');
CREATE TABLE done AS SELECT * FROM specql.maintain_partitions('2024-04-10');
