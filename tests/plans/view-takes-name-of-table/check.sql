select 'a note' where not exists (select from notes join lines using (id, code));
select 'a word' where not exists (select from texts join terms using (id, text));
