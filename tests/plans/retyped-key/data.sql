INSERT INTO accounts (id, code, parent_id) VALUES (1, '7', NULL), (2, '8', 1);
