select 'rows' where (select count(*) from readings join kinds on kinds.id = kind_id) is distinct from 100
    or (select count(*) from measures join kinds on kinds.id = kind_id) is distinct from 100;
