INSERT INTO vehicles (plate, updated_at) VALUES ('A 1', '2000-01-01');
UPDATE vehicles SET plate = 'B 2';
INSERT INTO trucks (axles, state, updated_at) VALUES (2, 'new', '2000-01-01');
UPDATE trucks SET axles = 3;
