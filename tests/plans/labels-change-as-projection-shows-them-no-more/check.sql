select 'rows' where (select count(*) from states) is distinct from 100 or specql.verify_projection('states') is distinct from 0;
