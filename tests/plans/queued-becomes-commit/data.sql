INSERT INTO accounts (name) SELECT n FROM generate_series(1, 100) n;
