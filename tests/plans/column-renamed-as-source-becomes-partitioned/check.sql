select 'rows' where (select count(*) from seen) is distinct from (select count(*) from events) or specql.verify_projection('seen') is distinct from 0;
