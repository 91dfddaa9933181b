INSERT INTO events (happened, note) VALUES ('2024-02-01', 'a');
