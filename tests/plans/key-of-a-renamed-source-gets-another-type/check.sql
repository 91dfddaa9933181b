select 'rows' where (select count(*) from seen) is distinct from 100 or specql.verify_projection('seen') is distinct from 0;
