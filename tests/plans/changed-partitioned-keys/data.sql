insert into visits (code, at, room) select g, '2024-01-01'::timestamptz + g * interval '1 hour', 'r' || g from generate_series(1, 1000) as g;
insert into logs (day, kind, line) select date '2024-01-01' + g, case when g % 2 = 0 then 'a' else 'b' end, 'x' from generate_series(1, 200) as g;
