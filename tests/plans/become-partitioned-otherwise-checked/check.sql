select 'rows' where (select count(*) from gauges_legacy where kind = 'n' || amount and level is null) <> 50;
select conname || ' is not ' || wanted from (values ('filled', true), ('bounded', true), ('gauges_amount_check', true), ('gauges_level_check', true), ('short', false)) as _ (name, wanted)
left join pg_constraint on conname = name and conrelid = 'gauges_legacy'::regclass and convalidated where (conname is not null) <> wanted;
select 'amount' where not exists (select from pg_constraint where conname = 'gauges_amount_check' and conrelid = 'gauges_legacy'::regclass and pg_get_constraintdef(oid) like '%<= 50%');
select 'reference' where not exists (select from pg_constraint where contype = 'f' and confrelid = 'places'::regclass and conrelid = 'gauges_legacy'::regclass and convalidated);
