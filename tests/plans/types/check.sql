select 'sum' where (select sum(count) from reading_labels) <> 125250;
