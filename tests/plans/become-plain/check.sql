select 'rows' where (select count(*) from visits) <> 900; select 'view' where (select count(*) from visit_notes) <> 900;
