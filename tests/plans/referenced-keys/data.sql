insert into countries (code, name) select 'c' || g, 'n' from generate_series(1, 200) as g;
insert into cities (country_code) select 'c' || g from generate_series(1, 200) as g;
insert into ships (imo, name) select g, 's' || g from generate_series(1, 200) as g;
insert into voyages (imo) select g from generate_series(1, 200) as g;
insert into trips (country_code, at) select 'c' || g, '2024-01-01'::timestamptz + g * interval '6 hours' from generate_series(1, 200) as g;
insert into ports (port) values ('x');
insert into calls (port) values ('x');
