INSERT INTO support.tickets_of_all (state, note) SELECT 'open', n FROM generate_series(1, 100) n;
INSERT INTO support.events (ticket_id, at) SELECT id, '2024-01-15' FROM support.tickets_of_all;
