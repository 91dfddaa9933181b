select 'wrong rows' where (select count(*) from sizes where size = 1) <> 1;
select 'the index that was to stay is gone' where to_regclass('goes') is null or to_regclass('other_goes') is null;
