insert into accounts (id) select g from generate_series(1, 200) as g;
insert into notes (account_id) select g from generate_series(1, 200) as g;
insert into trips (account_id, at) select g, '2024-01-01'::timestamptz + g * interval '6 hours' from generate_series(1, 200) as g;
insert into countries (code) select 'c' || g from generate_series(1, 200) as g;
insert into cities (code) select 'c' || g from generate_series(1, 200) as g;
