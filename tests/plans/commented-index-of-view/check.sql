select 'no comment' where obj_description('idx_sizes_size'::regclass, 'pg_class') is distinct from 'By size';
