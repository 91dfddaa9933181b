SELECT specql.run_partition_step($1::oid::regclass, $2, $3, $4, $5, $6::text::jsonb)
