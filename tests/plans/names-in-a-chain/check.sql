select 'an offer' where not exists (select from offers where (number, serial, phase, aspect, total, sum) = ('c', 'n', 'new', 'done', 1, 2));
select 'a reading' where not exists (select from samples_2024_02 where (high, highest) = (3, 4));
select 'a sample' where not exists (select from trials_2024_02 where line = 'l');
select 'a probe' where not exists (select from probes_2024_02 where (high, highest) = (5, 6));
