select 'a deal' where not exists (select from deals where (total, sum, twice, amount) = (1, 2, 4, 7) and seller_id is not null and agent_id is null);
