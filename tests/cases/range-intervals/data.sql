-- The session's time zone must not move a row.
SET timezone = 'Asia/Tokyo';
INSERT INTO orders (total, created_at) VALUES (1, '2024-01-31 23:59:59+00'), (2, '2024-02-01 00:00:00+00');
INSERT INTO events (at) VALUES ('1999-01-01'), ('2024-02-10');
INSERT INTO readings (week) VALUES ('2024-02-05'), ('2024-02-11 23:59:59.999999'), ('2024-01-01');
INSERT INTO ticks (at) VALUES ('2024-02-10 01:59:59.999+00');
