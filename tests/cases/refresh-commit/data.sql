INSERT INTO regions VALUES (1, 'north');
INSERT INTO customers VALUES (1, 'one', 1), (2, 'two', NULL);
INSERT INTO sales VALUES (1, 1, 10), (2, 1, 20);
