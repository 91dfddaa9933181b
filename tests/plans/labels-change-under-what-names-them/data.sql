insert into tickets (id, name) select n, 'ticket ' || n from generate_series(1, 100) n;
insert into remarks (ticket_id, ticket_state) select id, state from tickets;
